import sharp from 'sharp';
import type { TilingSettings } from '../../../../preload/slides.ts';
import { readWindow } from '../resample.ts';
import type { Picture, Slide } from '../slide.ts';
import { focusOf } from './focus.ts';
import type { Normaliser } from './normalise.ts';
import type { Place } from './plan.ts';

export interface Patch {
  focus: number;
  /** The coded file; null where the patch is left out as blurred. */
  bytes: Buffer | null;
}

/** Reads, judges, normalises and codes one patch. Equal input gives equal bytes. */
export async function makePatch(
  slide: Slide,
  place: Place,
  { settings, normalise }: { settings: TilingSettings; normalise: Normaliser },
): Promise<Patch> {
  const picture = await readPlace(slide, place, settings.size);
  const focus = focusOf(picture);
  if (focus < settings.leastFocus) return { focus, bytes: null };
  normalise(picture.rgb);
  return { focus, bytes: await encode(picture, { format: settings.format, synthetic: slide.synthetic }) };
}

export function readPlace(slide: Slide, { x, y, side }: Place, size: number): Promise<Picture> {
  return readWindow(slide, { x, y, width: side, height: side, columns: size, rows: size });
}

/** What is cut from a synthetic slide says so in its XMP (IPTC digital source type). */
const syntheticXmp =
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType></rdf:Description></rdf:RDF></x:xmpmeta>';

function encode(
  { width, height, rgb }: Picture,
  { format, synthetic }: { format: TilingSettings['format']; synthetic: boolean },
): Promise<Buffer> {
  const image = sharp(rgb, { raw: { width, height, channels: 3 } });
  if (synthetic) image.withXmp(syntheticXmp);
  return (
    format === 'jpeg' ? image.jpeg({ quality: 90, chromaSubsampling: '4:4:4' }) : image.png({ compressionLevel: 6 })
  ).toBuffer();
}
