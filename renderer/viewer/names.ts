import type { SeriesSummary } from '../../preload/domain.ts';

/** DICOM person name (PS3.5, 6.2.1) as people read it: FAMILY^GIVEN → "FAMILY, GIVEN". */
export function personName(name: string): string {
  const [alphabetic = ''] = name.split('=');
  const [family = '', ...others] = alphabetic.split('^').map((part) => part.trim());
  return [family, others.filter(Boolean).join(' ')].filter(Boolean).join(', ');
}

export function seriesName({ description, seriesNumber }: SeriesSummary): string {
  return description || (seriesNumber === null ? 'No description' : `Series ${seriesNumber}`);
}
