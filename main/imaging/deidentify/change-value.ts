import { decodeText } from '../dicom/character-set.ts';
import type { Action } from './actions.ts';
import { standardRoot } from './actions.ts';
import { cleanDescription } from './descriptors.ts';
import type { Pseudonyms } from './pseudonyms.ts';

/** Values that are valid for the VR and say nothing (PS3.15 E.1: dummy values). */
const dummies: Record<string, string> = {
  PN: 'REMOVED',
  LO: 'REMOVED',
  SH: 'REMOVED',
  LT: 'REMOVED',
  ST: 'REMOVED',
  UT: 'REMOVED',
  UC: 'REMOVED',
  AE: 'REMOVED',
  CS: 'REMOVED',
  DA: '19000101',
  DT: '19000101000000',
  TM: '000000',
  AS: '000Y',
  IS: '0',
  DS: '0',
};

export interface ChangeContext {
  pseudonyms: Pseudonyms;
  /** How many days before the real date. */
  shiftDays: number;
  characterSet: string;
}

/** The new value of an element that stays. */
export function changeValue(
  action: Exclude<Action, 'remove'>,
  { vr, value }: { vr: string; value: Uint8Array },
  { pseudonyms, shiftDays, characterSet }: ChangeContext,
): Uint8Array {
  const text = (): string => decodeText(value, characterSet).replace(/\0+$/, '').trim();
  const each = (change: (one: string) => string): Uint8Array =>
    Buffer.from(
      text()
        .split('\\')
        .map((one) => change(one.trim()))
        .join('\\'),
      'latin1',
    );
  switch (action) {
    case 'keep':
      return value;
    case 'empty':
      return new Uint8Array(0);
    case 'uid':
      return each((uid) => (uid === '' || uid.startsWith(standardRoot) ? uid : pseudonyms.uid(uid)));
    case 'shift':
      return each((date) => shiftDate(date, shiftDays));
    case 'clean':
      return Buffer.from(cleanDescription(text()), 'latin1');
    case 'dummy':
      if (dummies[vr] !== undefined) return Buffer.from(dummies[vr], 'latin1');
      return vr === 'UI' ? each((uid) => pseudonyms.uid(uid)) : new Uint8Array(0);
  }
}

/** The date part of DA or DT; what is no date goes. A date of a year or a month only cannot be moved by days and goes too. */
function shiftDate(value: string, days: number): string {
  const match = /^(\d{4})\.?(\d{2})\.?(\d{2})(.*)$/.exec(value);
  if (match === null) return '';
  const [, year, month, day, rest = ''] = match;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.getUTCMonth() !== Number(month) - 1) return '';
  date.setUTCDate(date.getUTCDate() - days);
  return `${String(date.getUTCFullYear()).padStart(4, '0')}${date.toISOString().slice(5, 10).replace('-', '')}${rest}`;
}
