import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { typeCheckers } from '../../../scripts/types.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const wrongTs = "export const answer: number = 'not a number';\n";
const rightTs = 'export const answer: number = 42;\n';
const wrongSvelte =
  '<script lang="ts">\n  let { count }: { count: number } = $props();\n  const text: string = count;\n</script>\n{text}\n';
const rightSvelte = '<script lang="ts">\n  let { count }: { count: number } = $props();\n</script>\n{count}\n';

/** A checker that finds nothing may be one that looks at nothing: these canaries must be found. */
describe('the type checkers', () => {
  let folder = '';

  beforeEach(async () => {
    await mkdir(join(root, '.cache'), { recursive: true });
    folder = await mkdtemp(join(root, '.cache', 'canary-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function project(base: string, files: Record<string, string>): Promise<string> {
    const tsconfig = join(folder, 'tsconfig.json');
    await writeFile(tsconfig, JSON.stringify({ extends: join(root, base), include: ['.'], exclude: [] }));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return tsconfig;
  }

  it('tsc fails on a type error in a .ts file', async () => {
    const { code, output } = await typeCheckers.node(await project('tsconfig.json', { 'canary.ts': wrongTs }));
    expect(code).not.toBe(0);
    expect(output).toContain('canary.ts');
  });

  it('svelte-check fails on a type error in a .svelte file', async () => {
    await project('renderer/tsconfig.json', { 'Canary.svelte': wrongSvelte, 'right.ts': rightTs });
    const { code, output } = await typeCheckers.window(folder);
    expect(code).not.toBe(0);
    expect(output).toContain('Canary.svelte');
  });

  it('svelte-check fails on a type error in a .ts file', async () => {
    await project('renderer/tsconfig.json', { 'Right.svelte': rightSvelte, 'canary.ts': wrongTs });
    const { code, output } = await typeCheckers.window(folder);
    expect(code).not.toBe(0);
    expect(output).toContain('canary.ts');
  });

  it('both pass where nothing is wrong', async () => {
    expect((await typeCheckers.node(await project('tsconfig.json', { 'right.ts': rightTs }))).code).toBe(0);
    await project('renderer/tsconfig.json', { 'Right.svelte': rightSvelte, 'right.ts': rightTs });
    expect(await typeCheckers.window(folder)).toMatchObject({ code: 0 });
  });
});
