import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { dataFolder } from '../log/data-folder.ts';

/**
 * Answers app://verisim/…: the window's own files, and, by identifier, everything with pixels. Nothing else exists:
 * another host or method, an unknown address, a path outside the folders all give 404. Files are streamed.
 */
export function createAssetHandler(folders: {
  renderer: string;
  data: string;
  /** The packs that come with the application. */
  models: string;
  /** JPEG of a tile of a slide, which the engine reads; null where there is none. */
  slideTile?: (tile: SlideTile) => Promise<Uint8Array | null>;
}): (request: Request) => Promise<Response> {
  const data = dataFolder(folders.data);
  const routes: readonly Route[] = [
    [/^\/volumes\/([\w.-]{1,80})$/, (id) => data.volumeVoxels(id), raw],
    [/^\/thumbnails\/([\w.-]{1,80})$/, (id) => data.thumbnail(id), png],
    [/^\/previews\/([\w.-]{1,80})$/, (id) => data.preview(id), png],
    [/^\/images\/([\w.-]{1,200})$/, (id) => data.imagePixels(id), raw],
    [/^\/outputs\/([\w.-]{1,80})\/(\d{1,7})$/, (id, index) => data.runPreview(id, Number(index)), png],
    [/^\/pictures\/([\w.-]{1,80})\/([\w-]{1,80})$/, (id, name) => data.runPicture(id, name), png],
    [/^\/review\/([\w.-]{1,80})\/(\d{1,7})$/, (id, position) => data.reviewCase(id, Number(position)), png],
    [/^\/models\/([\w.-]{1,80})\/sheet$/, (id) => sheetOf(id), png],
  ];

  /** An id belongs to one pack; a built-in one comes first. */
  async function sheetOf(id: string): Promise<string> {
    const builtIn = path.join(folders.models, id, 'sheet.png');
    return (await isFile(builtIn)) ? builtIn : path.join(data.packs.packs, id, 'sheet.png');
  }

  return async (request) => {
    if (request.method !== 'GET') return notFound();
    const pathname = pathnameOf(request.url);
    if (pathname === null) return notFound();
    const tile = slideTileOf(pathname);
    if (tile !== null) return serveTile(await folders.slideTile?.(tile));
    for (const [pattern, fileOf, type] of routes) {
      const parts = pattern.exec(pathname)?.slice(1);
      if (parts === undefined) continue;
      if (parts.some((part) => /^\.+$/.test(part))) return notFound();
      return serve(await fileOf(parts[0] ?? '', parts[1] ?? ''), { 'Content-Type': type, 'Cache-Control': 'no-cache' });
    }
    const file = rendererFile(folders.renderer, pathname);
    return file === null ? notFound() : serve(file, rendererHeaders(file));
  };
}

export interface SlideTile {
  slideId: string;
  level: number;
  column: number;
  row: number;
}

/** /tiles/<slide>/<level>/<x>_<y> */
function slideTileOf(pathname: string): SlideTile | null {
  const [, slideId = '', ...place] = /^\/tiles\/([\w.-]{1,80})\/(\d{1,2})\/(\d{1,7})_(\d{1,7})$/.exec(pathname) ?? [];
  const [level = 0, column = 0, row = 0] = place.map(Number);
  return slideId === '' ? null : { slideId, level, column, row };
}

function serveTile(jpeg: Uint8Array | null | undefined): Response {
  if (!jpeg) return notFound();
  const headers = { 'Content-Type': 'image/jpeg', 'Cache-Control': 'no-cache', 'X-Content-Type-Options': 'nosniff' };
  return new Response(Uint8Array.from(jpeg), { headers });
}

/** No code but our own and no network; 'wasm-unsafe-eval' and blob workers are what the viewer needs. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "worker-src 'self' blob:",
  "connect-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "form-action 'none'",
].join('; ');

type Route = readonly [pattern: RegExp, fileOf: (id: string, index: string) => string | Promise<string>, type: string];

const raw = 'application/octet-stream';
const png = 'image/png';
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': png,
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** The decoded path, or null where the address is not ours or hides a way out of the folders. */
function pathnameOf(address: string): string | null {
  try {
    const url = new URL(address);
    if (url.protocol !== 'app:' || url.host !== 'verisim') return null;
    const pathname = decodeURIComponent(url.pathname);
    const hidden = /[\\\0:]/.test(pathname) || pathname.includes('//') || pathname.split('/').includes('..');
    return hidden ? null : pathname;
  } catch {
    return null;
  }
}

function rendererFile(folder: string, pathname: string): string | null {
  const relative = pathname === '/' ? 'index.html' : pathname.slice(1);
  const file = path.resolve(folder, relative);
  const within = path.relative(path.resolve(folder), file);
  const inside = within !== '' && !path.isAbsolute(within) && within.split(path.sep)[0] !== '..';
  return inside && contentTypes[path.extname(file).toLowerCase()] !== undefined ? file : null;
}

function rendererHeaders(file: string): Record<string, string> {
  return {
    'Content-Type': contentTypes[path.extname(file).toLowerCase()] ?? raw,
    'Content-Security-Policy': contentSecurityPolicy,
  };
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function serve(file: string, headers: Record<string, string>): Promise<Response> {
  const found = await stat(file).catch(() => null);
  if (found === null || !found.isFile()) return notFound();
  const body = Readable.toWeb(
    createReadStream(file, { highWaterMark: chunkBytes }),
  ) as unknown as ReadableStream<Uint8Array>;
  return new Response(body, {
    headers: { ...headers, 'Content-Length': String(found.size), 'X-Content-Type-Options': 'nosniff' },
  });
}

/** A volume crosses in a few dozen pieces; Node's 64 KiB would make thousands. */
const chunkBytes = 4 * 1024 * 1024;

function notFound(): Response {
  return new Response('Not found', { status: 404, headers: { 'Content-Type': 'text/plain; charset=utf-8' } });
}
