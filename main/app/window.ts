import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app, BrowserWindow, Menu, screen, type Rectangle } from 'electron';
import { assetOrigin } from '../../preload/addresses.ts';
import { preloadScript } from './folders.ts';
import { keepDrawing } from './software-drawing.ts';

const smallest = { width: 1024, height: 680 };
const first = { width: 1440, height: 900 };

/** Opens the one window, sandboxed, where it stood when it was last closed. */
export async function openWindow(): Promise<BrowserWindow> {
  Menu.setApplicationMenu(process.platform === 'darwin' ? Menu.buildFromTemplate(macMenu) : null);
  const window = new BrowserWindow({
    ...rememberedBounds(),
    minWidth: smallest.width,
    minHeight: smallest.height,
    title: 'Verisim',
    backgroundColor: '#0b0c0e',
    show: false,
    webPreferences: {
      preload: preloadScript,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  });
  window.once('ready-to-show', () => window.show());
  window.on('close', () => rememberBounds(window.getNormalBounds()));
  window.webContents.on('render-process-gone', (_event, details) => {
    if (details.reason !== 'clean-exit' && !window.isDestroyed()) window.webContents.reload();
  });
  keepDrawing(window);
  await window.loadURL(`${assetOrigin}/index.html`);
  return window;
}

/** Copying, pasting and quitting by keyboard need a menu on macOS; elsewhere the window itself is the interface. */
const macMenu: Electron.MenuItemConstructorOptions[] = [
  { role: 'appMenu' },
  { role: 'editMenu' },
  { role: 'windowMenu' },
];

function boundsFile(): string {
  return join(app.getPath('userData'), 'window.json');
}

function rememberedBounds(): Partial<Rectangle> {
  try {
    const bounds = JSON.parse(readFileSync(boundsFile(), 'utf8')) as Rectangle;
    const { workArea } = screen.getDisplayMatching(bounds);
    const visible = bounds.x < workArea.x + workArea.width && bounds.x + bounds.width > workArea.x;
    if (visible && bounds.y >= workArea.y && bounds.y < workArea.y + workArea.height) return bounds;
  } catch {
    // Absent at the first start, or not readable: the default size serves.
  }
  return first;
}

function rememberBounds(bounds: Rectangle): void {
  try {
    writeFileSync(boundsFile(), JSON.stringify(bounds));
  } catch {
    // A size that is not remembered is no reason to disturb the person who closes the window.
  }
}
