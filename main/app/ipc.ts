import { BrowserWindow, dialog, ipcMain } from 'electron';
import { callChannel, eventChannel } from '../../preload/channels.ts';
import { calls, type CallName, type CallParsed, type Envelope } from '../../preload/contract.ts';
import { serialiseError, VerisimError } from '../../preload/errors.ts';
import { parseInput } from '../handlers/parse.ts';
import type { EngineEvent, EngineHost } from './engine-host.ts';
import { answerLogDialog } from './log-dialogs.ts';
import { isOwnTopFrame } from './policy.ts';
import { restartDrawing } from './software-drawing.ts';

/** Answers every call of the window. The sender is checked here, once; inputs are parsed by the contract. */
export function serveCalls(engine: EngineHost): void {
  ipcMain.handle(callChannel, async (event, name: unknown, input: unknown): Promise<Envelope<unknown>> => {
    try {
      if (!isOwnTopFrame(event.senderFrame)) throw new VerisimError('InvalidInput', 'This page may not make calls.');
      const window = BrowserWindow.fromWebContents(event.sender);
      if (!window) throw new VerisimError('InvalidInput', 'The window of this call is closed.');
      return await answer({ engine, window, name: callName(name), input });
    } catch (error) {
      return { ok: false, error: serialiseError(error) };
    }
  });
}

export function broadcast({ event, payload }: EngineEvent): void {
  for (const window of BrowserWindow.getAllWindows()) window.webContents.send(eventChannel, event, payload);
}

interface WindowCall {
  engine: EngineHost;
  window: BrowserWindow;
  name: CallName;
  input: unknown;
}

async function answer({ engine, window, name, input }: WindowCall): Promise<Envelope<unknown>> {
  const parsed = parseInput(name, input);
  if (name === 'studies.choose') return chooseStudies(engine, window, parsed as CallParsed<'studies.choose'>);
  if (name === 'exports.choose') return chooseExport(engine, window, parsed as CallParsed<'exports.choose'>);
  if (name === 'models.choose') return chooseModel(engine, window);
  if (name === 'annotations.choose') return chooseReport(engine, window, parsed as CallParsed<'annotations.choose'>);
  if (name === 'reviews.chooseSave')
    return chooseReviewSave(engine, window, parsed as CallParsed<'reviews.chooseSave'>);
  if (name === 'reviews.chooseOpen') return chooseReviewOpen(engine, window);
  if (name === 'measure.chooseFolder') return chooseMeasureFolder(engine, window);
  if (name === 'measure.chooseReport')
    return chooseEvaluationReport(engine, window, parsed as CallParsed<'measure.chooseReport'>);
  const aboutLog = answerLogDialog(engine, window, { name, parsed });
  if (aboutLog !== null) return aboutLog;
  if (name === 'slides.chooseTiling') return chooseTiling(engine, window, parsed as CallParsed<'slides.chooseTiling'>);
  if (name === 'slides.chooseOutlines')
    return chooseOutlines(engine, window, parsed as CallParsed<'slides.chooseOutlines'>);
  if (name === 'app.fullScreen') {
    window.setFullScreen((parsed as CallParsed<'app.fullScreen'>).on);
    return { ok: true, value: {} };
  }
  if (name === 'app.redraw') {
    restartDrawing();
    return { ok: true, value: {} };
  }
  if (fileCalls.has(name))
    throw new VerisimError('InvalidInput', `The page may not name a folder: ${name} is reached through a dialog.`);
  return engine.call(name, parsed);
}

async function chooseStudies(engine: EngineHost, window: BrowserWindow, { kind }: CallParsed<'studies.choose'>) {
  const chosen = await dialog.showOpenDialog(window, {
    title: kind === 'files' ? 'Open files' : 'Open a folder',
    properties: kind === 'files' ? ['openFile', 'multiSelections'] : ['openDirectory', 'multiSelections'],
  });
  if (chosen.canceled || chosen.filePaths.length === 0)
    return { ok: true, value: { series: [], slides: [], skipped: [] } } as const;
  return engine.call('studies.open', { paths: chosen.filePaths });
}

/** They name files or folders, which only a dialog may choose. */
const fileCalls: ReadonlySet<CallName> = new Set([
  'exports.write',
  'models.import',
  'annotations.write',
  'reviews.write',
  'reviews.read',
  'measure.addFolder',
  'measure.writeReport',
  'log.export',
  'projects.archive',
  'projects.open',
  'slides.tile',
  'slides.outlines',
]);

const reviewEndings = {
  study: 'verisim-study',
  page: 'html',
  answers: 'verisim-answers',
  csv: 'csv',
  imrmc: 'imrmc',
  json: 'json',
  html: 'html',
};

async function chooseReviewSave(engine: EngineHost, window: BrowserWindow, input: CallParsed<'reviews.chooseSave'>) {
  const ending = reviewEndings[input.what];
  const chosen = await dialog.showSaveDialog(window, {
    title: input.what === 'study' || input.what === 'page' ? 'Save the study for other readers' : 'Save',
    defaultPath: `${input.id}.${ending}`,
    filters: [{ name: ending, extensions: [ending] }],
  });
  if (chosen.canceled || chosen.filePath === '') return { ok: true, value: { file: null } } as const;
  return engine.call('reviews.write', { ...input, file: chosen.filePath });
}

async function chooseReviewOpen(engine: EngineHost, window: BrowserWindow) {
  const chosen = await dialog.showOpenDialog(window, {
    title: 'Open a study or the answers of a reader',
    properties: ['openFile'],
    filters: [{ name: 'Studies and answers', extensions: ['verisim-study', 'verisim-answers'] }],
  });
  const [file] = chosen.filePaths;
  if (chosen.canceled || file === undefined) return { ok: true, value: { review: null } } as const;
  return engine.call('reviews.read', { file });
}

async function chooseReport(engine: EngineHost, window: BrowserWindow, input: CallParsed<'annotations.choose'>) {
  const folder = await chooseFolder(window);
  if (folder === null) return { ok: true, value: { files: [] } } as const;
  return engine.call('annotations.write', { ...input, folder });
}

async function chooseExport(engine: EngineHost, window: BrowserWindow, input: CallParsed<'exports.choose'>) {
  const folder = await chooseFolder(window);
  if (folder === null) return { ok: true, value: { files: [] } } as const;
  return engine.call('exports.write', { ...input, folder });
}

async function chooseMeasureFolder(engine: EngineHost, window: BrowserWindow) {
  const chosen = await dialog.showOpenDialog(window, {
    title: 'Choose a folder of images',
    buttonLabel: 'Use these images',
    properties: ['openDirectory'],
  });
  const [folder] = chosen.filePaths;
  if (chosen.canceled || folder === undefined) return { ok: true, value: { folder: null } } as const;
  return engine.call('measure.addFolder', { folder });
}

async function chooseEvaluationReport(
  engine: EngineHost,
  window: BrowserWindow,
  input: CallParsed<'measure.chooseReport'>,
) {
  const folder = await chooseFolder(window);
  if (folder === null) return { ok: true, value: { files: [] } } as const;
  return engine.call('measure.writeReport', { ...input, folder });
}

async function chooseTiling(engine: EngineHost, window: BrowserWindow, input: CallParsed<'slides.chooseTiling'>) {
  const out = await chooseFolder(window);
  if (out === null) return { ok: true, value: { result: null } } as const;
  return engine.call('slides.tile', { ...input, out });
}

async function chooseOutlines(engine: EngineHost, window: BrowserWindow, input: CallParsed<'slides.chooseOutlines'>) {
  const folder = await chooseFolder(window);
  if (folder === null) return { ok: true, value: { file: null } } as const;
  return engine.call('slides.outlines', { ...input, folder });
}

async function chooseFolder(window: BrowserWindow): Promise<string | null> {
  const chosen = await dialog.showOpenDialog(window, {
    title: 'Choose a folder for the export',
    buttonLabel: 'Export here',
    properties: ['openDirectory', 'createDirectory'],
  });
  const [folder] = chosen.filePaths;
  return chosen.canceled || folder === undefined ? null : folder;
}

/** The question is asked here, as only this process knows the folder that was chosen. */
async function chooseModel(engine: EngineHost, window: BrowserWindow) {
  const chosen = await dialog.showOpenDialog(window, {
    title: 'Choose the folder of a model pack',
    buttonLabel: 'Import',
    properties: ['openDirectory'],
  });
  const [folder] = chosen.filePaths;
  if (chosen.canceled || folder === undefined) return { ok: true, value: { model: null } } as const;
  const first = await engine.call('models.import', { folder, replace: false });
  if (first.ok || first.error.tag !== 'ModelExists') return first;
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: 'Replace the model?',
    detail: first.error.message,
    buttons: ['Replace', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
  });
  if (response !== 0) return { ok: true, value: { model: null } } as const;
  return engine.call('models.import', { folder, replace: true });
}

function callName(name: unknown): CallName {
  if (typeof name === 'string' && Object.hasOwn(calls, name)) return name as CallName;
  throw new VerisimError('InvalidInput', `There is no call named ${String(name)}.`, { found: String(name) });
}
