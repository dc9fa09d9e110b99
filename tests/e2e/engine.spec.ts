import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { call, expect, invoke, test, type BridgeWindow } from './fixtures.ts';

interface RecordingWindow extends BridgeWindow {
  engineStates: { state: string; atMs: number }[];
}

/** The engine is the process below the application whose command names dist/engine/engine.js, or Electron's Node service. */
async function enginePid(applicationPid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=,args=']);
  const rows = stdout
    .split('\n')
    .map((line) => line.trim().match(/^(\d+)\s+(\d+)\s+(.*)$/))
    .filter((row) => row !== null);
  const children = new Set([applicationPid]);
  for (let grown = true; grown;) {
    const size = children.size;
    for (const [, pid, parent] of rows) if (children.has(Number(parent))) children.add(Number(pid));
    grown = children.size > size;
  }
  const engine = rows.find(
    ([, pid, , args]) => children.has(Number(pid)) && /engine\/engine\.js|node\.mojom\.NodeService/.test(args ?? ''),
  );
  if (!engine) throw new Error('No engine process was found.');
  return Number(engine[1]);
}

test('a killed engine is back within two seconds, and the window stays', async ({ launch }) => {
  const { application, page } = await launch();
  const before = await call(page, 'app.info', {});
  await page.evaluate(() => {
    const recording = window as unknown as RecordingWindow;
    recording.engineStates = [];
    recording.verisim.on('engine.state', ({ state }) =>
      recording.engineStates.push({ state, atMs: performance.now() }),
    );
  });

  process.kill(await enginePid(application.process().pid ?? 0), 'SIGKILL');
  await expect
    .poll(() => page.evaluate(() => (window as unknown as RecordingWindow).engineStates.map(({ state }) => state)))
    .toEqual(['restarting', 'ready']);
  const [restarting, ready] = await page.evaluate(() => (window as unknown as RecordingWindow).engineStates);
  expect((ready?.atMs ?? Infinity) - (restarting?.atMs ?? 0)).toBeLessThan(2000);

  expect(await call(page, 'app.info', {})).toEqual(before);
  expect(application.windows()).toHaveLength(1);
});

test('a call that the dying engine held is answered with EngineStopped', async ({ launch }) => {
  const { application, page } = await launch();
  await call(page, 'app.info', {});
  const pid = await enginePid(application.process().pid ?? 0);
  process.kill(pid, 'SIGSTOP');
  const pending = invoke(page, 'studies.list', {});
  await page.waitForTimeout(200);
  process.kill(pid, 'SIGKILL');
  expect(await pending).toMatchObject({ ok: false, error: { tag: 'EngineStopped' } });
  expect(await invoke(page, 'studies.list', {})).toMatchObject({ ok: true });
});
