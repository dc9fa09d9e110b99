import type { DeidentifyOptions } from '../../../preload/deidentify.ts';
import { code } from '../export/synthetic-marks.ts';
import type { Elements } from '../export/part10.ts';

/** CID 7050; only what ran is named. */
export function methodCodes(options: DeidentifyOptions): { value: string; meaning: string }[] {
  const chosen = [
    { on: true, value: '113100', meaning: 'Basic Application Confidentiality Profile' },
    { on: options.descriptors, value: '113105', meaning: 'Clean Descriptors Option' },
    {
      on: options.dates === 'keep',
      value: '113106',
      meaning: 'Retain Longitudinal Temporal Information Full Dates Option',
    },
    {
      on: options.dates === 'shift',
      value: '113107',
      meaning: 'Retain Longitudinal Temporal Information Modified Dates Option',
    },
    { on: options.patient, value: '113108', meaning: 'Retain Patient Characteristics Option' },
    { on: options.device, value: '113109', meaning: 'Retain Device Identity Option' },
    { on: options.uids, value: '113110', meaning: 'Retain UIDs Option' },
    { on: options.institution, value: '113112', meaning: 'Retain Institution Identity Option' },
  ];
  return chosen.filter(({ on }) => on).map(({ value, meaning }) => ({ value, meaning }));
}

/** What a de-identified file says about itself (PS3.15 E.1.1, PS3.3 C.7.1.1). `method` tells how it was done, in lines of 64 characters. */
export function removalRecord(options: DeidentifyOptions, method: readonly string[]): Elements {
  return {
    PatientIdentityRemoved: 'YES',
    DeidentificationMethod: [...method, 'Pixels unchanged: burned-in text and faces, if any, remain'],
    DeidentificationMethodCodeSequence: methodCodes(options).map(({ value, meaning }) => code(value, 'DCM', meaning)),
    LongitudinalTemporalInformationModified: { remove: 'REMOVED', shift: 'MODIFIED', keep: 'UNMODIFIED' }[
      options.dates
    ],
  };
}
