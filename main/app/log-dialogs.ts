import { type BrowserWindow, dialog } from 'electron';
import type { CallName, CallParsed, Envelope } from '../../preload/contract.ts';
import type { EngineHost } from './engine-host.ts';

const endings = { csv: 'csv', json: 'json', jsonl: 'jsonl', mlflow: '' };

/** The calls about the log that ask where to write or read; null for every other call. */
export function answerLogDialog(
  engine: EngineHost,
  window: BrowserWindow,
  { name, parsed }: { name: CallName; parsed: unknown },
): Promise<Envelope<unknown>> | null {
  if (name === 'log.chooseExport') return chooseExport(engine, window, parsed as CallParsed<'log.chooseExport'>);
  if (name === 'projects.chooseArchive')
    return chooseArchive(engine, window, parsed as CallParsed<'projects.chooseArchive'>);
  return name === 'projects.chooseOpen' ? chooseProject(engine, window) : null;
}

async function chooseExport(engine: EngineHost, window: BrowserWindow, input: CallParsed<'log.chooseExport'>) {
  const ending = endings[input.format];
  const chosen = await dialog.showSaveDialog(window, {
    title: input.format === 'mlflow' ? 'A new folder for MLflow' : 'Save the runs',
    defaultPath: ending === '' ? 'mlruns' : `verisim-log.${ending}`,
    ...(ending === '' ? {} : { filters: [{ name: ending, extensions: [ending] }] }),
  });
  if (chosen.canceled || chosen.filePath === '') return { ok: true, value: { path: null, runs: 0 } } as const;
  return engine.call('log.export', { ...input, path: chosen.filePath });
}

async function chooseArchive(engine: EngineHost, window: BrowserWindow, input: CallParsed<'projects.chooseArchive'>) {
  const chosen = await dialog.showSaveDialog(window, {
    title: 'A new folder for the project',
    defaultPath: 'verisim-project',
    buttonLabel: 'Archive',
  });
  if (chosen.canceled || chosen.filePath === '') return { ok: true, value: { receipt: null } } as const;
  const written = await engine.call('projects.archive', { ...input, folder: chosen.filePath });
  return written.ok ? ({ ok: true, value: { receipt: written.value } } as const) : written;
}

async function chooseProject(engine: EngineHost, window: BrowserWindow) {
  const chosen = await dialog.showOpenDialog(window, {
    title: 'Choose the folder of a project',
    buttonLabel: 'Add to the log',
    properties: ['openDirectory'],
  });
  const [folder] = chosen.filePaths;
  if (chosen.canceled || folder === undefined) return { ok: true, value: { receipt: null } } as const;
  const read = await engine.call('projects.open', { folder });
  return read.ok ? ({ ok: true, value: { receipt: read.value } } as const) : read;
}
