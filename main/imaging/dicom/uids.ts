export const transferSyntaxes = {
  implicitLittleEndian: '1.2.840.10008.1.2',
  explicitLittleEndian: '1.2.840.10008.1.2.1',
  deflatedLittleEndian: '1.2.840.10008.1.2.1.99',
  explicitBigEndian: '1.2.840.10008.1.2.2',
  rle: '1.2.840.10008.1.2.5',
  deflatedFrame: '1.2.840.10008.1.2.8.1',
  encapsulatedUncompressed: '1.2.840.10008.1.2.1.98',
} as const;

export const mediaStorageDirectory = '1.2.840.10008.1.3.10';

/** Transfer syntaxes whose pixel data are not encapsulated. */
export const nativeSyntaxes: ReadonlySet<string> = new Set([
  transferSyntaxes.implicitLittleEndian,
  transferSyntaxes.explicitLittleEndian,
  transferSyntaxes.deflatedLittleEndian,
  transferSyntaxes.explicitBigEndian,
]);

/** Storage and other SOP classes that hold no image, by the names people use (PS3.6 annex A). */
const nonImageClasses: Record<string, string> = {
  [mediaStorageDirectory]: 'a DICOMDIR',
  '1.2.840.10008.5.1.4.1.1.11.1': 'a presentation state',
  '1.2.840.10008.5.1.4.1.1.104.1': 'an encapsulated PDF',
  '1.2.840.10008.5.1.4.1.1.66': 'raw data',
  '1.2.840.10008.5.1.4.1.1.66.1': 'a spatial registration',
  '1.2.840.10008.5.1.4.1.1.481.3': 'an RT structure set',
  '1.2.840.10008.5.1.4.1.1.481.5': 'an RT plan',
  '1.2.840.10008.5.1.4.1.1.481.8': 'an RT ion plan',
  '1.2.840.10008.5.1.4.1.1.88.11': 'a structured report',
  '1.2.840.10008.5.1.4.1.1.88.22': 'a structured report',
  '1.2.840.10008.5.1.4.1.1.88.33': 'a structured report',
  '1.2.840.10008.5.1.4.1.1.88.59': 'a key object selection',
  '1.2.840.10008.5.1.4.1.1.9.1.1': 'an ECG waveform',
};

/** What a DICOM file without pixels is, in words. */
export function nameNonImage(sopClassUid: string, modality: string): string {
  const known = nonImageClasses[sopClassUid];
  if (known !== undefined) return known;
  if (sopClassUid.startsWith('1.2.840.10008.5.1.4.1.1.88.')) return 'a structured report';
  if (sopClassUid.startsWith('1.2.840.10008.5.1.4.1.1.9.')) return 'a waveform';
  if (sopClassUid.startsWith('1.2.840.10008.5.1.4.1.1.11.')) return 'a presentation state';
  return modality === '' ? 'an object without an image' : `an object of modality ${modality} without an image`;
}
