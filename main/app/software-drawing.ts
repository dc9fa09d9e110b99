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

const [restartTakesMs, pictureTakesMs, attempts] = [5_000, 4_000, 4];

async function replaceBlankPage(window: BrowserWindow): Promise<void> {
  let late = 0;
  for (let attempt = 0; attempt < attempts; attempt++) {
    await delay(restartTakesMs);
    const shown = await lookAt(window);
    if (shown === 'picture' || window.isDestroyed()) return;
    late = shown === 'late' ? late + 1 : 0;
    // A busy machine may be late once.
    if (shown === 'blank' || late > 1) window.webContents.forcefullyCrashRenderer();
  }
}

/** Blank: all of one colour. A window that nobody could see counts as a picture. */
async function lookAt(window: BrowserWindow): Promise<'picture' | 'blank' | 'late'> {
  if (window.isDestroyed() || !window.isVisible() || window.isMinimized()) return 'picture';
  // Refused while there is no graphics process.
  const captured = window.webContents.capturePage().catch(() => null);
  const picture = await Promise.race([captured, delay(pictureTakesMs, null)]);
  if (picture === null) return 'late';
  const { buffer, byteOffset, byteLength } = picture.toBitmap();
  const pixels = new Uint8Array(buffer, byteOffset, byteLength);
  return pixels.some((value, at) => value !== pixels[at % 4]) ? 'picture' : 'blank';
}
