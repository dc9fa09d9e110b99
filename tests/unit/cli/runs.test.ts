import { readFileSync } from 'node:fs';
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
});
