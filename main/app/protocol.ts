import { protocol } from 'electron';
import { createAssetHandler } from '../handlers/assets.ts';

/** Must run before `ready`. The scheme is a secure origin that obeys the content security policy of its answers. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
}

/** app://verisim/… : the window's own files and, by identifier, everything with pixels. */
export function serveAssets(folders: Parameters<typeof createAssetHandler>[0]): void {
  protocol.handle('app', createAssetHandler(folders));
}
