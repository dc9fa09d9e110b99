/**
 * What an image looks like while it is being made: the clean image that the model expects at this step (x̂0), decoded.
 * Sent as the event `runs.preview`, about eight times per image and at most four times a second; nothing is kept on disk.
 * The PNG travels in the event itself, as base64: it is small (8 bits, the size of the image, some 10 kB) and outdated at
 * once, so an address with a file behind it would cost more. Show it as `data:image/png;base64,…`.
 */
export interface RunPreview {
  runId: string;
  /** Which image of the run, from 0. Images of one batch come one after another with the same step. */
  index: number;
  /** Calls of the network so far, from 1 to `steps`. */
  step: number;
  steps: number;
  /** 8-bit grey or RGB PNG, base64. */
  png: string;
}
