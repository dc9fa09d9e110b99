import { readFile, rm } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { VerisimError } from '../../preload/errors.ts';
import { sha256Of } from '../engine/hash.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { canonicalJson } from '../review/canonical-json.ts';
import type { ReviewDesign } from '../review/design.ts';
import type { Workspace } from './dependencies.ts';
import { newRunId } from './generation.ts';
import { designOf, isWhole } from './review-design.ts';
import { keepStudy } from './reviews.ts';

const format = 'verisim-study';
const mostUnpackedBytes = 2 ** 31;

/**
 * A study in one file: gzip of lines of JSON, first the frozen design, then one image a line. Neither truth nor origin of an
 * image is in it. Throws UnknownReview, InvalidInput for a review of an earlier version, whose design holds the truth.
 */
export async function packStudy(workspace: Workspace, reviewId: string): Promise<Uint8Array> {
  const { design, images } = await studyParts(workspace, reviewId);
  const lines = [
    JSON.stringify({ format, version: 1, design }),
    ...images.map((png) => JSON.stringify(png.toString('base64'))),
  ];
  return gzipSync(lines.join('\n'));
}

/** The design and its images, for a pack or an offline reader. */
export async function studyParts(
  { log, folder }: Workspace,
  reviewId: string,
): Promise<{ design: ReviewDesign; designSha256: string; images: Buffer[] }> {
  const review = log.reviews.get(reviewId);
  const design = designOf(review);
  if (design.images.length === 0) {
    throw new VerisimError(
      'InvalidInput',
      'This review is of an earlier version, whose design holds the truth: it cannot be handed out.',
      {
        expected: 'a study made by this version',
        found: 'one of an earlier version',
      },
    );
  }
  const images = await Promise.all(design.images.map((_, number) => readFile(folder.reviewCase(reviewId, number))));
  return { design, designSha256: review.designSha256, images };
}

/** Checks every image against the design and keeps the study to be read here. Returns its id here. */
export async function unpackStudy(
  workspace: Workspace,
  { file, bytes }: { file: string; bytes: Uint8Array },
  signal: AbortSignal,
): Promise<string> {
  const { design, images } = parse(file, bytes);
  const designSha256 = sha256Of(canonicalJson(design));
  const known = workspace.log.reviews.byDesign(designSha256);
  if (known !== null) return known.id;
  const id = newRunId();
  try {
    for (const [number, png] of images.entries()) {
      signal.throwIfAborted();
      await writeFileAtomic(workspace.folder.reviewCase(id, number), png);
    }
    keepStudy(workspace, { id, design, origin: 'imported', sealedKey: null, parameters: { importedFrom: file } });
  } catch (error) {
    await rm(workspace.folder.review(id), { recursive: true, force: true });
    throw error;
  }
  return id;
}

function parse(file: string, bytes: Uint8Array): { design: ReviewDesign; images: Buffer[] } {
  let head: { format?: unknown; version?: unknown; design?: ReviewDesign };
  let images: Buffer[];
  let whole: boolean;
  try {
    const [first = '', ...rest] = gunzipSync(bytes, { maxOutputLength: mostUnpackedBytes })
      .toString('utf8')
      .split('\n');
    head = JSON.parse(first) as typeof head;
    images = rest.map((line) => Buffer.from(JSON.parse(line) as string, 'base64'));
    whole = head.format === format && head.version === 1 && head.design !== undefined && isWhole(head.design);
  } catch (cause) {
    throw notRecognised(file, 'a damaged or other file', cause);
  }
  const { design } = head;
  if (design === undefined || !whole) throw notRecognised(file, 'another format');
  const changed = design.images.findIndex(({ sha256 }, number) => sha256 !== sha256Of(images[number] ?? ''));
  if (changed >= 0 || images.length !== design.images.length) {
    throw new VerisimError(
      'HashMismatch',
      `Image ${changed + 1} in "${file}" is not the one of the frozen design. Ask for the file again.`,
      {
        path: file,
        expected: design.images[changed]?.sha256 ?? `${design.images.length} images`,
        found: changed >= 0 ? sha256Of(images[changed] ?? '') : `${images.length} images`,
      },
    );
  }
  return { design, images };
}

function notRecognised(file: string, found: string, cause?: unknown): VerisimError {
  return new VerisimError('NotRecognised', `"${file}" is no packed study of Verisim.`, {
    path: file,
    expected: 'a packed study',
    found,
    cause,
  });
}
