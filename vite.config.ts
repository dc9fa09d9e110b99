import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const root = import.meta.dirname;

/** The window. vtk.js, below the viewer, asks for Node's `events` and `url`: the npm packages of those names serve it. */
export default defineConfig({
  root: join(root, 'renderer'),
  base: './',
  plugins: [svelte({ configFile: join(root, 'svelte.config.js') })],
  resolve: {
    alias: {
      events: join(root, 'node_modules', 'events', 'events.js'),
      url: join(root, 'node_modules', 'url', 'url.js'),
    },
  },
  worker: { format: 'es' },
  build: {
    outDir: join(root, 'dist', 'renderer'),
    emptyOutDir: true,
    target: 'chrome130',
    chunkSizeWarningLimit: 8_000,
    assetsInlineLimit: 0,
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
});
