import { existsSync } from 'node:fs';
import { app } from 'electron';

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
