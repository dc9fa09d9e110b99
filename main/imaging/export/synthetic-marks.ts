import type { Elements } from './part10.ts';

/** Everything that decided the bytes of a synthetic image. */
export interface SyntheticProvenance {
  modelId: string;
  modelVersion: string;
  modelSha256: string;
  sampler: string;
  steps: number;
  guidance: number;
  classId: string | null;
  seed: number;
  /** Image to image: how much was changed, 0 to 1, and the SHA-256 of the PNG of what the model was given; else null. */
  strength: number | null;
  sourceSha256: string | null;
  /** Where only a part of the source was made anew: how, and the SHA-256 of the mask. */
  inpaint?: { maskId: string; method: string; jumpLength: number; resamples: number } | undefined;
  application: string;
}

export interface SourceInstance {
  sopClassUid: string;
  sopInstanceUid: string;
}

/** (0008,2111) is ST: at most 1,024 characters. */
const longestDescription = 1024;
/** Contribution Description (0018,A003) is ST as well; Software Versions (0018,1020) is LO: 64. */
const longestVersion = 64;

/**
 * The marks of a synthetic image: Synthetic Data (0008,001C), Contributing Equipment with purpose (109100, DCM,
 * "Synthesizing Equipment"), Content Qualification, derivation and, for image to image, Source Image Sequence.
 * Both the first two survive the PS3.15 de-identification profiles, which remove free text.
 */
export function syntheticMarks(provenance: SyntheticProvenance | null, source: SourceInstance | null): Elements {
  const description = provenance === null ? 'Synthetic image.' : describeProvenance(provenance);
  return {
    SyntheticData: 'YES',
    ContentQualification: 'RESEARCH',
    BurnedInAnnotation: 'NO',
    DerivationDescription: description.slice(0, longestDescription),
    ContributingEquipmentSequence: [
      {
        Manufacturer: 'Verisim',
        ManufacturerModelName: provenance?.modelId.slice(0, longestVersion),
        SoftwareVersions: provenance === null ? undefined : provenance.application.slice(0, longestVersion),
        ContributionDescription: description.slice(0, longestDescription),
        PurposeOfReferenceCodeSequence: [code('109100', 'DCM', 'Synthesizing Equipment')],
      },
    ],
    SourceImageSequence: source === null ? undefined : [sourceItem(source)],
  };
}

export function describeProvenance(provenance: SyntheticProvenance): string {
  const { modelId, modelVersion, modelSha256, sampler, steps, guidance, classId, seed, strength, sourceSha256 } =
    provenance;
  const parts = [
    `Synthetic image, not of a patient. Made by ${provenance.application}`,
    `model ${modelId} ${modelVersion} (SHA-256 ${modelSha256})`,
    `sampler ${sampler}`,
    `${steps} steps`,
    `guidance ${guidance}`,
    ...(classId === null ? [] : [`class ${classId}`]),
    `seed ${seed}`,
    ...(provenance.inpaint === undefined ? [] : [describeInpainting(provenance.inpaint)]),
    ...(sourceSha256 === null ? [] : [`image to image, strength ${strength ?? 0}, source SHA-256 ${sourceSha256}`]),
  ];
  return `${parts.join('; ')}.`;
}

function describeInpainting(inpaint: NonNullable<SyntheticProvenance['inpaint']>): string {
  const { maskId, method, jumpLength, resamples } = inpaint;
  const how = method === 'repaint' ? `RePaint, jumps of ${jumpLength} steps, ${resamples} resamples` : 'masked';
  return `only the masked part made anew (${how}), mask SHA-256 ${maskId}`;
}

export function code(value: string, scheme: string, meaning: string): Elements {
  return { CodeValue: value, CodingSchemeDesignator: scheme, CodeMeaning: meaning };
}

function sourceItem({ sopClassUid, sopInstanceUid }: SourceInstance): Elements {
  return {
    ReferencedSOPClassUID: sopClassUid,
    ReferencedSOPInstanceUID: sopInstanceUid,
    PurposeOfReferenceCodeSequence: [code('121322', 'DCM', 'Source image for image processing operation')],
  };
}
