import type { DeidentifyOptions } from '../../../preload/deidentify.ts';
import { lookUpTag } from '../dicom/dictionary.ts';
import type { Action } from './actions.ts';
import { profileSource } from './actions.ts';
import { methodCodes } from './record.ts';

const meanings: Record<Action, string> = {
  keep: 'kept',
  remove: 'removed',
  empty: 'emptied',
  dummy: 'replaced by a stand-in',
  uid: 'replaced by another UID, always the same one',
  shift: 'date moved',
  clean: 'reduced to known words',
};
const dateMeanings: Record<DeidentifyOptions['dates'], string> = {
  remove: 'removed',
  shift: 'all dates of one patient moved by the same number of days',
  keep: 'kept',
};

/** What was done to how many elements, without any of their values. */
export class DeidentificationTally {
  files = 0;
  private readonly done = new Map<string, number>();

  add(done: ReadonlyMap<string, number>): void {
    this.files++;
    for (const [key, times] of done) this.done.set(key, (this.done.get(key) ?? 0) + times);
  }

  /** The report as JSON text; equal input gives equal text. */
  report(options: DeidentifyOptions, warnings: readonly string[]): string {
    const isPrivate = (tag: string) => parseInt(tag.slice(0, 4), 16) % 2 === 1;
    const rows = [...this.done].map(([key, elements]) => {
      const [tag = '', action = 'keep'] = key.split(' ') as [string, Action];
      return { tag, action, elements };
    });
    const privateElements = rows.filter(({ tag }) => isPrivate(tag)).reduce((sum, { elements }) => sum + elements, 0);
    const report = {
      profile: profileSource,
      methods: methodCodes(options).map(({ value, meaning }) => `(${value}, DCM, "${meaning}")`),
      dates: dateMeanings[options.dates],
      files: this.files,
      privateElementsRemoved: privateElements,
      notDone: ['Text in the pixels was not removed.', 'Faces were not removed.', ...warnings],
      attributes: rows
        .filter(({ tag }) => !isPrivate(tag))
        .toSorted((a, b) => (a.tag < b.tag ? -1 : 1))
        .map(({ tag, action, elements }) => ({
          tag: `(${tag.slice(0, 4)},${tag.slice(4)})`,
          keyword: lookUpTag(tag)?.keyword ?? 'unknown',
          done: meanings[action],
          elements,
        })),
    };
    return `${JSON.stringify(report, null, 2)}\n`;
  }
}
