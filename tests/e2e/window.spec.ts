import type { ElectronApplication } from '@playwright/test';
import { call, enginePid, expect, test } from './fixtures.ts';

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function bounds(application: ElectronApplication) {
  return application.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getNormalBounds());
}

test('the window comes back where it stood, and closing it ends the engine', async ({ launch }) => {
  const first = await launch();
  await call(first.page, 'app.info', {});
  const engine = await enginePid(first.application);
  const chosen = { x: 40, y: 30, width: 1200, height: 800 };
  await first.application.evaluate(
    ({ BrowserWindow }, target) => BrowserWindow.getAllWindows()[0]?.setBounds(target),
    chosen,
  );
  await first.application.close();
  await expect.poll(() => isAlive(engine)).toBe(false);

  const second = await launch();
  expect(await bounds(second.application)).toMatchObject({ width: chosen.width, height: chosen.height });
});

test('a killed application takes its engine along, and starts again', async ({ launch }) => {
  const first = await launch();
  await call(first.page, 'app.info', {});
  const engine = await enginePid(first.application);
  first.application.process().kill('SIGKILL');
  await expect.poll(() => isAlive(engine)).toBe(false);

  const second = await launch();
  await call(second.page, 'app.info', {});
});

test('a second start on the same data shows the first window instead', async ({ launch }) => {
  const { application } = await launch();
  await expect(launch()).rejects.toThrow();
  expect(application.windows()).toHaveLength(1);
});
