/**
 * Variables that the engine is started with besides its folders. glibc keeps freed memory of a size that it has seen before; with a
 * fixed threshold the large buffers of networks go back to the system (174 instead of 243 MB after ten models were used).
 */
export const engineEnvironment: Readonly<Record<string, string>> =
  process.platform === 'linux' ? { MALLOC_MMAP_THRESHOLD_: String(2 ** 20) } : {};

/**
 * Options of Node. V8 lets its young generation grow to 3 × 16 MB under steady garbage, so that 1,000 images took 264 to 291 MB where
 * 10 took 253 to 259; held at 3 × 1 MB they take 248 to 253 and 250 to 256 (three runs each).
 */
export const engineOptions = ['--max-semi-space-size=1'];
