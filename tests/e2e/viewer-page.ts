import type { Page } from '@playwright/test';
import { decode } from 'fast-png';
import type { Annotation } from '../../preload/annotations.ts';
import { answerDialogs } from './dialogs.ts';
import { call, expect, type RunningApplication } from './fixtures.ts';

const size = { width: 1600, height: 1000 };

export async function open({ application, page }: RunningApplication): Promise<Page> {
  await application.evaluate(
    ({ BrowserWindow }, bounds) => BrowserWindow.getAllWindows()[0]?.setBounds({ x: 0, y: 0, ...bounds }),
    size,
  );
  await expect(page.getByTestId('slice-axial')).toBeVisible({ timeout: 60_000 });
  return page;
}

export async function openFile(
  { application, page }: RunningApplication,
  path: string,
  kind: 'files' | 'folder' = 'files',
): Promise<string> {
  await answerDialogs(application, path);
  const before = new Set((await call(page, 'studies.list', {})).series.map(({ id }) => id));
  await page
    .getByRole('button', { name: kind === 'files' ? /files/i : /folder/i })
    .first()
    .click();
  let opened = '';
  await expect
    .poll(async () => {
      const { series } = await call(page, 'studies.list', {});
      opened = series.find(({ id }) => !before.has(id))?.id ?? '';
      return opened;
    })
    .not.toBe('');
  return opened;
}

export async function annotationsOf(page: Page): Promise<Annotation[]> {
  const { series } = await call(page, 'studies.list', {});
  const lists = await Promise.all(series.map(({ id }) => call(page, 'annotations.list', { seriesId: id })));
  return lists.flatMap(({ annotations }) => annotations);
}

export async function boxOf(page: Page, testId: string) {
  const box = await page.getByTestId(testId).first().boundingBox();
  if (box === null) throw new Error(`${testId} is not on the screen.`);
  return box;
}

/** From one point of a pane to another, in CSS pixels from its middle. */
export async function drag(page: Page, testId: string, from: [number, number], to: [number, number]): Promise<void> {
  const box = await boxOf(page, testId);
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x + from[0], y + from[1]);
  await page.mouse.down();
  await page.mouse.move(x + to[0], y + to[1], { steps: 4 });
  await page.mouse.up();
}

/** Share of the pixels in the middle of the axial plane that are not nearly black: the head fills it. 0 while there is no plane. */
export async function drawnShare(page: Page): Promise<number> {
  const { data, channels } = decode(await middlePicture(page));
  const grey = [...data].filter((_, at) => at % channels === 0);
  return grey.filter((value) => value > 40).length / grey.length;
}

/** A PNG of the middle of the axial plane; of the window where that is not there. */
export async function middlePicture(page: Page): Promise<Buffer> {
  const box = await page.getByTestId('plane-axial').boundingBox();
  const { x, y, width, height } = box ?? { x: 80, y: 80, width: 0, height: 0 };
  const clip = { x: x + width / 2 - 80, y: y + height / 2 - 80, width: 160, height: 160 };
  return page.screenshot({ clip });
}

export const numbers = (text: string | null): number[] => (text ?? '').split(' ').map(Number);
