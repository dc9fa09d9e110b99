/**
 * Arguments that start the source tree in Electron. Chromium refuses its sandbox to root, so development and test
 * launches as root go without; the packaged product is never started this way.
 */
export function electronArguments(): string[] {
  return ['.', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
}
