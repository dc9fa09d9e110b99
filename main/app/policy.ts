import { app, session, shell, type WebContents } from 'electron';
import { assetOrigin } from '../../preload/addresses.ts';
import { isAllowedExternal } from './external-links.ts';

/** `devtools:` is the developer tools of an unpackaged run; the product has none. */
const localSchemes = new Set(['app:', 'data:', 'blob:', ...(app.isPackaged ? [] : ['devtools:'])]);

/** Nothing that the page asks of the system is granted, and no request leaves the machine. */
export function applyPolicy(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  defaultSession.setPermissionCheckHandler(() => false);
  defaultSession.setDevicePermissionHandler(() => false);
  defaultSession.setDisplayMediaRequestHandler((_request, answer) => answer({}));
  defaultSession.on('will-download', (event) => event.preventDefault());
  defaultSession.webRequest.onBeforeRequest((details, answer) => {
    answer({ cancel: !localSchemes.has(new URL(details.url).protocol) });
  });
}

/** The window shows one page for ever: no navigation, no second window, no embedded page. */
export function guardContents(contents: WebContents): void {
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (isAllowedExternal(url)) void shell.openExternal(url);
    return { action: 'deny' };
  });
}

/** True for our own page in the top frame, and for nothing else. */
export function isOwnTopFrame(frame: Electron.WebFrameMain | null): boolean {
  return frame !== null && frame.parent === null && frame.origin === assetOrigin;
}
