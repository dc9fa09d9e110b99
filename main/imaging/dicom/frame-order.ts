import type { DataSet } from 'dicom-parser';
import { readDouble, readNumber, readText } from './element-values.ts';
import { privateTag } from './mosaic.ts';

/**
 * What orders images that lie at one place, most telling first: temporal position, echo, b-value, cardiac phase, time of the
 * frame, acquisition, instance. Attributes that a file lacks count as 0, so that all its neighbours agree.
 */
export function plainOrder(dataSet: DataSet): number[] {
  return [
    readNumber(dataSet, 'x00200100') ?? 0,
    readNumber(dataSet, 'x00180086') ?? 0,
    readNumber(dataSet, 'x00180081') ?? 0,
    bValue(dataSet) ?? 0,
    readNumber(dataSet, 'x00181060') ?? 0,
    readNumber(dataSet, 'x00541300') ?? 0,
    readNumber(dataSet, 'x00200012') ?? 0,
    acquisitionSeconds(dataSet),
    readNumber(dataSet, 'x00200013') ?? 0,
  ];
}

/** Which of the first values of `plainOrder` set one volume of a series apart from another: echo, b-value, acquisition. */
export const partingKeys = [1, 2, 3, 0, 4, 6] as const;

/** Diffusion b-value in s/mm²: the standard attribute, or the private ones of the large makers. */
function bValue(dataSet: DataSet): number | null {
  const standard = readDouble(dataSet, 'x00189087');
  if (standard !== null) return standard;
  const siemens = privateTag(dataSet, { group: '0019', creator: 'SIEMENS MR HEADER', element: '0c' });
  if (siemens !== null) return readNumber(dataSet, siemens);
  const ge = privateTag(dataSet, { group: '0043', creator: 'GEMS_PARM_01', element: '39' });
  // GE adds 10⁹ to tell that the value is the nominal one.
  if (ge !== null) return (readNumber(dataSet, ge) ?? 0) % 1e9;
  const philips = privateTag(dataSet, { group: '2001', creator: 'Philips Imaging DD 001', element: '03' });
  const element = philips === null ? undefined : dataSet.elements[philips];
  return philips !== null && element !== undefined && element.length >= 4 ? (dataSet.float(philips) ?? null) : null;
}

/** Acquisition DateTime or Date and Time in seconds; 0 where neither is given. */
function acquisitionSeconds(dataSet: DataSet): number {
  const dateTime = readText(dataSet, 'x0008002a');
  const date = dateTime.slice(0, 8) || readText(dataSet, 'x00080022');
  const time = dateTime.slice(8) || readText(dataSet, 'x00080032');
  const match = /^(\d{2})(\d{2})?(\d{2}(?:\.\d+)?)?/.exec(time);
  if (match === null) return 0;
  const seconds = Number(match[1]) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
  const day = /^\d{8}$/.test(date) ? Date.UTC(+date.slice(0, 4), +date.slice(4, 6) - 1, +date.slice(6, 8)) / 1000 : 0;
  return day + seconds;
}
