import { join } from 'node:path';
import { writeNiftiFile } from '../unit/handlers/nifti-file.ts';
import { expect, test } from './fixtures.ts';
import { open, openFile } from './viewer-page.ts';

const watchedMs = 1_000;

/** Effects that write what they read run for ever without anything on the screen to tell of it. */
test('a window that nobody uses rests, on every screen and with every kind of series', async ({ launch, home }) => {
  const running = await launch();
  const page = await open(running);
  const file = join(home, 'other.nii');
  writeNiftiFile(file);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  const busyMs = async (): Promise<number> => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN);
  };
  /** What a screen loads at first is let finish. */
  const rests = (where: string) =>
    expect(async () => {
      const before = await busyMs();
      await page.waitForTimeout(watchedMs);
      expect((await busyMs()) - before, where).toBeLessThan(watchedMs / 10);
    }).toPass({ timeout: 30_000 });

  await rests('the sample');
  await openFile(running, file);
  await expect(page.getByTestId('slice-axial')).toContainText('/ 20', { timeout: 30_000 });
  await rests('a NIfTI series');
  for (const screen of ['Create', 'Compare', 'Measure', 'Review', 'Slides', 'Runs']) {
    await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: screen }).click();
    await rests(screen);
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      await rests(`${screen}, ${(await tab.textContent()) ?? ''}`);
    }
  }
});
