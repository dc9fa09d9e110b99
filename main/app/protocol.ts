import { protocol } from 'electron';
import { createAssetHandler } from '../handlers/assets.ts';

/**
 * No code but our own, no network, no frames. 'wasm-unsafe-eval' lets the viewer compile its WebAssembly; inline
 * styles are what Svelte and the viewer set on elements; blob: workers and data: pictures come from the viewer.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "worker-src 'self' blob:",
  "connect-src 'self' data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');

/** Must run before `ready`. The scheme is a secure origin that obeys the content security policy. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
}

/** app://verisim/… : the window's own files and, by identifier, everything with pixels. */
export function serveAssets(folders: { renderer: string; data: string }): void {
  const handle = createAssetHandler(folders);
  protocol.handle('app', async (request) => {
    const response = await handle(request);
    const headers = new Headers(response.headers);
    headers.set('Content-Security-Policy', contentSecurityPolicy);
    headers.set('X-Content-Type-Options', 'nosniff');
    return new Response(response.body, { status: response.status, headers });
  });
}
