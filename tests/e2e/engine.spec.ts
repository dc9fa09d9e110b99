import { call, enginePid, expect, invoke, test, type BridgeWindow } from './fixtures.ts';

interface RecordingWindow extends BridgeWindow {
  engineStates: { state: string; atMs: number }[];
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

  process.kill(await enginePid(application), 'SIGKILL');
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
  const pid = await enginePid(application);
  process.kill(pid, 'SIGSTOP');
  const pending = invoke(page, 'studies.list', {});
  await page.waitForTimeout(200);
  process.kill(pid, 'SIGKILL');
  expect(await pending).toMatchObject({ ok: false, error: { tag: 'EngineStopped' } });
  expect(await invoke(page, 'studies.list', {})).toMatchObject({ ok: true });
});
