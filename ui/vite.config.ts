import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

// `--mode preview` builds the same window over a core in memory, for looking at it in a browser.
export default defineConfig(({ mode }) => ({
  base: './',
  plugins: [svelte(), svelteTesting()],
  server: { port: 5173, strictPort: true },
  build: {
    target: ['es2022', 'safari16'],
    outDir: mode === 'preview' ? 'dist-preview' : 'dist',
    emptyOutDir: true,
    // Everything is a file: the content security policy takes no fonts from data URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      checks: { bundlerTimings: false, pluginTimings: false },
      input: mode === 'preview' ? 'preview.html' : 'index.html',
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/test-setup.ts'],
  },
}));
