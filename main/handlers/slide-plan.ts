import { VerisimError } from '../../preload/errors.ts';
import { windowsSight } from '../diffusion/decoder-windows.ts';
import { type BlockPlan, planBlocks, type Rectangle, type RegionBlock } from '../diffusion/region-blocks.ts';
import { planTiles } from '../diffusion/tiles.ts';
import type { BlockRequest } from '../engine/generate-block.ts';
import type { ModelPack } from '../engine/packs.ts';
import { type RegionSpace, regionSpace } from '../engine/region-space.ts';
import type { SlideGenerationInput } from './slide-facts.ts';

export interface RegionPlan {
  space: RegionSpace;
  /** In positions of what is denoised. */
  whole: { width: number; height: number };
  strip: number;
  blocks: RegionBlock[];
  /** Images that the network makes of all blocks in one step. */
  windows: number;
  /** In the order in which they are done; where nothing is decoded, a picture comes of the denoising. */
  tasks: RegionTask[];
  /** Of the decoder's latent, with what has to be kept of it; null where nothing is decoded. */
  latents: { width: number; height: number; depth: number; channels: number } | null;
  settings: BlockRequest['settings'];
}

export type RegionTask =
  | { kind: 'denoise'; index: number; block: RegionBlock }
  /** A block's part of the decoder's latent, and what the windows over it see. */
  | { kind: 'decode'; index: number; block: RegionBlock; inner: Rectangle; sight: Rectangle };

/** Parts of a window that blocks share with finished neighbours, and that are made beyond their edge and thrown away. */
const [stripShare, marginShare] = [0.5, 0.5];

/** Throws ModelDoesNotFit, InvalidInput. */
export function planRegion(pack: ModelPack, input: SlideGenerationInput): RegionPlan {
  const { manifest } = pack;
  const space = regionSpace(manifest);
  const { factor } = space;
  const window = manifest.image.width / factor;
  const whole = {
    width: Math.max(window, Math.ceil(input.width / factor)),
    height: Math.max(window, Math.ceil(input.height / factor)),
  };
  const [strip, margin] = [Math.round(window * stripShare), Math.round(window * marginShare)];
  const side = input.blockSide / factor;
  const plan = planBlocks(whole, { side, strip, margin, window });
  const { sampler, steps, guidance } = input;
  const settings = { sampler, steps, guidance, label: labelOf(pack, input.classId) };
  const { blocks } = plan;
  const tile = { channels: 1, width: window, height: window };
  const windows = blocks.reduce((sum, { region }) => sum + planTiles({ ...region, channels: 1 }, tile).length, 0);
  const common = { space, whole, strip, blocks, windows, settings };
  const { decoder } = space;
  if (decoder === null) return { ...common, tasks: blocks.map(denoising), latents: null };
  const each = factor / decoder.factor;
  const latents = { width: whole.width * each, height: whole.height * each, channels: decoder.channels };
  const down = decoder.window.height;
  // A block waits for those that its windows reach into: so many rows of blocks, and what the windows see above the first one.
  const waiting = side * each * (1 + Math.ceil(down / (side * each))) + down;
  const tasks = withDecoding(plan, { side, each, whole: latents, window: decoder.window });
  return { ...common, tasks, latents: { ...latents, depth: Math.min(latents.height, waiting) } };
}

/**
 * A block is decoded as soon as everything that its windows see is denoised, so that the pixels at its edge follow from what the
 * neighbours became and not from a margin.
 */
function withDecoding(
  { blocks, columns, rows }: BlockPlan,
  {
    side,
    each,
    whole,
    window,
  }: {
    side: number;
    each: number;
    whole: { width: number; height: number };
    window: { width: number; height: number };
  },
): RegionTask[] {
  const lastAt = (end: number, many: number): number => Math.min(many, Math.ceil(end / (side * each))) - 1;
  const decodings = blocks.map((block, index) => {
    const { x, y, width, height } = block.inner;
    const inner = { x: x * each, y: y * each, width: width * each, height: height * each };
    const sight = windowsSight(inner, whole, window);
    const needs = lastAt(sight.y + sight.height, rows) * columns + lastAt(sight.x + sight.width, columns);
    return { task: { kind: 'decode' as const, index, block, inner, sight }, needs };
  });
  const tasks: RegionTask[] = [];
  let next = 0;
  for (const [index, block] of blocks.entries()) {
    tasks.push(denoising(block, index));
    for (let one = decodings[next]; one !== undefined && one.needs <= index; one = decodings[next]) {
      tasks.push(one.task);
      next += 1;
    }
  }
  return tasks;
}

function denoising(block: RegionBlock, index: number): RegionTask {
  return { kind: 'denoise', index, block };
}

function labelOf({ manifest }: ModelPack, classId: string | null): number | null {
  if (classId === null) return null;
  const classes = manifest.conditioning?.classes ?? [];
  const label = classes.findIndex(({ id }) => id === classId);
  if (label >= 0) return label;
  const known = classes.map(({ id }) => id).join(', ') || 'none';
  throw new VerisimError('InvalidInput', `The model ${manifest.id} has no class ${classId}. Its classes: ${known}.`, {
    expected: known,
    found: classId,
  });
}
