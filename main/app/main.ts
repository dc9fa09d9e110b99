import { join } from 'node:path';
import { app, BrowserWindow } from 'electron';
import { startEngine } from './engine-host.ts';
import { dataFolder, applicationRoot, rendererFolder } from './folders.ts';
import { serveCalls, broadcast } from './ipc.ts';
import { applyPolicy, guardContents } from './policy.ts';
import { registerScheme, serveAssets } from './protocol.ts';
import { readSlideTile } from './slide-tiles.ts';
import { drawInSoftwareWithoutCard } from './software-drawing.ts';
import { openWindow } from './window.ts';

/**
 * Start order matters: scheme and profile folder before `ready`, policy before the first window. Nothing here may be
 * awaited at top level, because Electron is `ready` only after this module has run.
 */
registerScheme();
app.setPath('userData', `${dataFolder}/window`);
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
drawInSoftwareWithoutCard();

if (app.requestSingleInstanceLock()) {
  void start();
} else {
  app.quit();
}

async function start(): Promise<void> {
  app.on('web-contents-created', (_event, contents) => guardContents(contents));
  app.on('second-instance', focusWindow);
  app.on('window-all-closed', () => app.quit());

  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => app.quit());

  await app.whenReady();
  const engine = startEngine({ dataFolder, applicationRoot, onEvent: broadcast });
  quitAfter(() => engine.stop());
  applyPolicy();
  serveAssets({
    renderer: rendererFolder,
    data: dataFolder,
    models: join(applicationRoot, 'models'),
    slideTile: (tile) => readSlideTile(engine, tile),
  });
  serveCalls(engine);
  await openWindow();
  broadcast({ event: 'engine.state', payload: engine.state() });
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) void openWindow();
  });
}

/** A run in progress does not hold the window: the queue goes on at the next start. */
function quitAfter(stop: () => Promise<void>): void {
  let stopped = false;
  app.on('will-quit', (event) => {
    if (stopped) return;
    event.preventDefault();
    void stop().finally(() => {
      stopped = true;
      app.quit();
    });
  });
}

function focusWindow(): void {
  const [window] = BrowserWindow.getAllWindows();
  if (!window) return;
  if (window.isMinimized()) window.restore();
  window.focus();
}
