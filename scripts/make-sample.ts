import { join } from 'node:path';
import { zipSync } from 'fflate';
import { writeFileAtomic } from '../main/imaging/atomic-write.ts';
import type { SeriesIdentity } from '../main/imaging/export/series-identity.ts';
import { deriveUid } from '../main/imaging/export/uid.ts';
import { writeVolumeDicom } from '../main/imaging/export/volume-dicom.ts';
import { loadVolume } from '../main/imaging/load.ts';
import { indexNifti } from '../main/imaging/nifti/load.ts';
import { repositoryRoot } from './repository.ts';

/**
 * Makes resources/sample/colin27-t1-dicom.zip from colin27-t1.nii.gz: an axial MR series, written by the application's own
 * DICOM writer. The image is of a real person (an average of 27 scans) and carries no synthetic mark. Equal bytes each time.
 */
const folder = join(repositoryRoot, 'resources', 'sample');
const source = join(folder, 'colin27-t1.nii.gz');
const target = join(folder, 'colin27-t1-dicom.zip');

const series = await indexNifti(source);
const volume = await loadVolume(series);
const identity: SeriesIdentity = {
  modality: 'MR',
  patient: { name: 'COLIN27^SAMPLE', id: 'COLIN27' },
  study: { uid: deriveUid('Colin 27 sample study'), description: 'Colin 27 average head (sample)', date: '' },
  series: { uid: deriveUid('Colin 27 sample series'), number: 1, description: 'T1 average of 27 scans, axial' },
  frameOfReferenceUid: deriveUid('Colin 27 sample frame of reference'),
  imageType: ['DERIVED', 'SECONDARY', 'OTHER'],
  further: { BodyPartExamined: 'HEAD', Laterality: undefined, MagneticFieldStrength: 1.5, BurnedInAnnotation: 'NO' },
};
const files: Record<string, Uint8Array> = {};
let number = 1;
for (const bytes of writeVolumeDicom(volume, identity, series.summary.slices)) {
  files[`colin27-t1/${String(number++).padStart(4, '0')}.dcm`] = bytes;
}
// ZIP times are local: the first moment of the format, in local time, is the same bytes everywhere.
const zip = zipSync(files, { level: 9, mtime: new Date(1980, 0, 1) });
await writeFileAtomic(target, zip);
console.log(`${target}: ${number - 1} slices, ${(zip.length / 1e6).toFixed(1)} MB.`);
