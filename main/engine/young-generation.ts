/**
 * Options of Node for processes that make images. V8 lets its young generation grow to 3 × 16 MB under steady garbage, so that
 * 1,000 images took 264 to 291 MB where 10 took 253 to 259; held at 3 × 1 MB they take 248 to 253 and 250 to 256 (three runs each).
 */
export const smallYoungGeneration = ['--max-semi-space-size=1'];
