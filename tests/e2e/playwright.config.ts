import { join } from 'node:path';
import { defineConfig } from '@playwright/test';

const root = join(import.meta.dirname, '..', '..');

/**
 * The real application, one window at a time. Two on one display take 290 seconds instead of 400 on two cores, but then readings by the pointer
 * were now and then a voxel off, and an image that was to come back after a lost graphics process did not always.
 */
export default defineConfig({
  testDir: import.meta.dirname,
  outputDir: join(root, 'test-results'),
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
});
