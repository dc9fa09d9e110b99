import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { app, type BrowserWindow } from 'electron';

/**
 * Where no graphics card is (remote desktops), the viewer draws in software; only our own page is ever drawn. Left to find
 * that out by a failing graphics process, Chromium 130 now and then never showed the first page. Only WebGL goes through the
 * emulated card then: putting the page itself together on it took 83 ms a frame of the list of runs and 120 to 300 ms more for
 * a first image than doing so without one. Called before `ready`.
 */
export function drawInSoftwareWithoutCard(): void {
  app.commandLine.appendSwitch('enable-unsafe-swiftshader');
  if (process.platform !== 'linux' || existsSync('/dev/dri')) return;
  app.commandLine.appendSwitch('use-gl', 'angle');
  app.commandLine.appendSwitch('use-angle', 'swiftshader');
  app.commandLine.appendSwitch('disable-gpu-compositing');
}

/**
 * Without a card Chromium 130 once stopped drawing for good, after tens of thousands of frames: its graphics process waited for an
 * answer of the X server that never came, while the page went on. A new process draws again; Chromium starts it by itself.
 */
export function restartDrawing(): void {
  if (!app.commandLine.hasSwitch('disable-gpu-compositing')) return;
  const graphics = app.getAppMetrics().find(({ type }) => type === 'GPU');
  if (graphics !== undefined) process.kill(graphics.pid, 'SIGKILL');
}

/**
 * Two more ends of drawing that were seen with Chromium 130 without a card, in one of some twenty restarts of a graphics process on a busy
 * machine: the page waits for a process that hangs, and the window stays blank though the page draws. The first is told by
 * input that is not answered. Against the second only a new process for the page helped, a reload in the old one did not; jobs go
 * on in the engine meanwhile.
 */
export function keepDrawing(window: BrowserWindow): void {
  if (!app.commandLine.hasSwitch('disable-gpu-compositing')) return;
  window.on('unresponsive', restartDrawing);
  app.on('child-process-gone', (_event, { type }) => {
    if (type === 'GPU') void replaceBlankPage(window);
  });
}

const [restartTakesMs, pictureTakesMs, attempts] = [5_000, 4_000, 3];

async function replaceBlankPage(window: BrowserWindow): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    await delay(restartTakesMs);
    if (await isDrawn(window)) return;
    if (!window.isDestroyed()) window.webContents.forcefullyCrashRenderer();
  }
}

/** Whether the window shows more than one colour; true where nobody could see it. */
async function isDrawn(window: BrowserWindow): Promise<boolean> {
  if (window.isDestroyed() || !window.isVisible() || window.isMinimized()) return true;
  const picture = await Promise.race([window.webContents.capturePage(), delay(pictureTakesMs, null)]);
  if (picture === null) return false;
  const { buffer, byteOffset, byteLength } = picture.toBitmap();
  const pixels = new Uint8Array(buffer, byteOffset, byteLength);
  return pixels.some((value, at) => value !== pixels[at % 4]);
}
