import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { generate, smallPlace, temporaryFolder, verisim, type Place } from './verisim.ts';

// Each claim starts processes; a loaded machine takes seconds for one.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let place: Place;
let runIds: string[];
beforeAll(async () => {
  place = smallPlace();
  runIds = [];
  for (const seed of ['5', '6']) {
    const { runId } = await generate(
      ['--count', '1', '--seed', seed, '--steps', '2', '--out', temporaryFolder()],
      place,
    );
    runIds.push(runId);
  }
});

describe('runs', () => {
  it('are listed newest first, as rows or as a table', async () => {
    const json = await verisim(['runs', 'list', '--json'], place);
    expect((JSON.parse(json.stdout) as { id: string }[]).map(({ id }) => id)).toEqual([...runIds].reverse());
    const table = (await verisim(['runs'], place)).stdout.trim().split('\n');
    expect(table.length).toBe(3);
    expect(table[1]).toMatch(/generation +done +1 .*seed 6/);
  });

  it('are exported whole, oldest first, as JSON and as CSV, to stdout and to a file', async () => {
    const file = path.join(temporaryFolder(), 'log.json');
    expect((await verisim(['runs', 'export', '--out', file], place)).status).toBe(0);
    const everything = JSON.parse(readFileSync(file, 'utf8')) as { id: string; outputs: object[]; inputs: object[] }[];
    expect(everything.map(({ id }) => id)).toEqual(runIds);
    expect(everything[0]).toMatchObject({ outputs: [{ seed: 5 }], inputs: [{ name: 'model' }] });
    const csv = (await verisim(['runs', 'export', '--format', 'csv'], place)).stdout.trimEnd().split('\r\n');
    expect(csv.length).toBe(3);
    expect(csv[0]).toContain('id,kind,state,title');
    expect(csv[1]).toContain('"{""modelId"":""small""');
  });

  it('are filtered and sorted, and a filter that cannot be read is said so', async () => {
    const rows = async (...args: string[]) =>
      (JSON.parse((await verisim(['runs', ...args, '--json'], place)).stdout) as { seed: number }[]).map(
        ({ seed }) => seed,
      );
    expect(await rows('--text', 'steps=2 seed>5')).toEqual([6]);
    expect(await rows('--sort', 'seed', '--ascending')).toEqual([5, 6]);
    const wrong = await verisim(['runs', '--text', '(a'], place);
    expect(wrong).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^error InvalidInput: .*character 1/) as string,
    });
  });

  it('are archived, checked, and brought into another log, and their lineage is told', async () => {
    const folder = path.join(temporaryFolder(), 'project');
    expect((await verisim(['runs', 'archive', '--text', 'seed=6', '--out', folder], place)).status).toBe(0);
    const elsewhere = smallPlace();
    const receipt = await verisim(['runs', 'import', folder, '--json'], elsewhere);
    expect(JSON.parse(receipt.stdout)).toMatchObject({ runs: 1, known: 0 });
    expect((await verisim(['runs', 'check', '--thorough'], elsewhere)).status).toBe(0);
    const lineage = JSON.parse((await verisim(['runs', 'lineage', runIds[1]!, '--index', '0'], elsewhere)).stdout) as {
      nodes: { kind: string }[];
    };
    expect(lineage.nodes.map(({ kind }) => kind).sort()).toEqual(['image', 'model', 'run']);
  });

  it('are copied and restored after the log was lost', async () => {
    const own = smallPlace();
    await generate(['--count', '1', '--seed', '1', '--steps', '2', '--out', temporaryFolder()], own);
    const { file } = JSON.parse((await verisim(['runs', 'backup', '--json'], own)).stdout) as { file: string };
    rmSync(path.join(own.home, 'verisim.sqlite'));
    expect((await verisim(['runs', 'restore', file], own)).status).toBe(0);
    expect(JSON.parse((await verisim(['runs', '--json'], own)).stdout)).toHaveLength(1);
  });
});
