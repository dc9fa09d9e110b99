import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { assetUrl } from '../../../preload/addresses.ts';
import { createAssetHandler, type SlideTile } from '../../../main/handlers/assets.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'verisim-assets-'));
const renderer = path.join(root, 'renderer');
const data = path.join(root, 'data');
const models = path.join(root, 'models');
const tiles: SlideTile[] = [];
const slideTile = (tile: SlideTile): Promise<Uint8Array | null> => {
  tiles.push(tile);
  return Promise.resolve(tile.level > 12 ? null : Uint8Array.of(0xff, 0xd8));
};
const handle = createAssetHandler({ renderer, data, models, slideTile });
const get = (address: string, method = 'GET') => handle(new Request(address, { method }));

function put(file: string, content: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}

beforeAll(() => {
  put(path.join(renderer, 'index.html'), '<!doctype html>');
  put(path.join(renderer, 'assets', 'main.js'), 'export {};');
  put(path.join(renderer, 'private.key'), 'no');
  put(path.join(root, 'outside.html'), 'outside');
  put(path.join(root, 'renderer-twin', 'index.html'), 'twin');
  put(path.join(data, 'verisim.sqlite'), 'log');
  put(path.join(data, 'cache', 'volumes', 'one.raw'), 'voxels');
  put(path.join(data, 'cache', 'thumbnails', 'one.png'), 'thumbnail');
  put(path.join(data, 'cache', 'images', 'slice-one-3.raw'), 'pixels');
  put(path.join(data, 'runs', 'r1', 'previews', '7.png'), 'preview');
  put(path.join(data, 'reviews', 'v1', '2.png'), 'case');
  put(path.join(models, 'brain', 'sheet.png'), 'built-in sheet');
  put(path.join(data, 'models', 'brain', 'sheet.png'), 'shadowed sheet');
  put(path.join(data, 'models', 'mine', 'sheet.png'), 'imported sheet');
});

describe('assets of app://verisim', () => {
  it('asks for the tile of a slide that the address names, and says 404 where there is none', async () => {
    const found = await get(assetUrl.slideTile('slide-1', 9, 3, 4));
    expect([found.status, found.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(new Uint8Array(await found.arrayBuffer())).toEqual(Uint8Array.of(0xff, 0xd8));
    expect(tiles).toEqual([{ slideId: 'slide-1', level: 9, column: 3, row: 4 }]);
    expect((await get(assetUrl.slideTile('slide-1', 13, 0, 0))).status).toBe(404);
    expect((await get('app://verisim/tiles/slide-1/9/-1_0')).status).toBe(404);
    expect((await get('app://verisim/tiles/../9/1_0')).status).toBe(404);
    expect(tiles).toHaveLength(2);
  });

  it.each([
    ['app://verisim/', '<!doctype html>', 'text/html; charset=utf-8'],
    ['app://verisim/assets/main.js', 'export {};', 'text/javascript; charset=utf-8'],
    [assetUrl.volume('one'), 'voxels', 'application/octet-stream'],
    [assetUrl.thumbnail('one'), 'thumbnail', 'image/png'],
    [assetUrl.image('slice-one-3'), 'pixels', 'application/octet-stream'],
    [assetUrl.outputPreview('r1', 7), 'preview', 'image/png'],
    [assetUrl.reviewCase('v1', 2), 'case', 'image/png'],
    [assetUrl.modelSheet('brain'), 'built-in sheet', 'image/png'],
    [assetUrl.modelSheet('mine'), 'imported sheet', 'image/png'],
  ])('%s is served with its type and length', async (address, content, type) => {
    const response = await get(address);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('content-length')).toBe(String(content.length));
    expect(await response.text()).toBe(content);
  });

  it('the page carries a policy without outside sources', async () => {
    const policy = (await get('app://verisim/')).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("object-src 'none'");
    expect(policy).not.toMatch(/https?:|\*|'unsafe-eval'/);
  });

  it.each([
    'app://verisim/../outside.html',
    'app://verisim/%2e%2e/outside.html',
    'app://verisim/%2e%2e%2foutside.html',
    'app://verisim/..%5coutside.html',
    'app://verisim/..\\outside.html',
    'app://verisim/assets/..%2f..%2foutside.html',
    `app://verisim/${path.join(root, 'outside.html')}`,
    `app://verisim/${encodeURIComponent(path.join(root, 'outside.html'))}`,
    'app://verisim/../renderer-twin/index.html',
    'app://verisim/index.html%00.png',
    'app://verisim/%00',
    'app://verisim/%',
    'app://verisim/C:/windows/win.ini',
    'app://verisim/private.key',
    'app://verisim/assets',
    'app://verisim/absent.js',
    'app://verisim/volumes/..%2f..%2fverisim.sqlite',
    'app://verisim/volumes/one%00',
    'app://verisim/volumes/absent',
    'app://verisim/outputs/r1/7.png',
    'app://verisim/outputs/../previews/7',
    'app://verisim/outputs/%2e%2e/7',
    'app://verisim/verisim.sqlite',
    'app://elsewhere/',
    'app://verisim.evil/',
    'https://verisim/',
    'file:///etc/passwd',
  ])('%s is not found', async (address) => {
    expect((await get(address)).status).toBe(404);
  });

  it.each(['POST', 'PUT', 'DELETE', 'HEAD'])('%s is not answered', async (method) => {
    expect((await get('app://verisim/', method)).status).toBe(404);
  });
});
