import type { Modality } from '../../preload/domain.ts';
import type { PackManifest } from './pack-schema.ts';

/** Kept as the result of a generation, so that its images can be read and exported when the model is gone. */
export interface GenerationFacts {
  model: {
    id: string;
    version: string;
    modality: Modality;
    anatomy: string;
    image: PackManifest['image'];
    intensity: PackManifest['intensity'];
    weightsSha256: string;
  };
}
