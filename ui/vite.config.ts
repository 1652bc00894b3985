import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Has the window's code fetched while the first lines run, which ask the core and then import it. */
const preloadTheWindow: Plugin = {
  name: 'preload-the-window',
  transformIndexHtml: {
    order: 'post',
    handler(_html, { bundle, chunk: first }) {
      const chunks = Object.values(bundle ?? {}).filter((file) => file.type === 'chunk');
      const window = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith('/src/window.ts'));
      const files = window ? [window.fileName, ...window.imports] : [];
      return files
        .filter((file) => file !== first?.fileName)
        .map((file) => ({ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: '', href: `./${file}` } }));
    },
  },
};

/** What the first lines of the page need: they ask the core before the rest is read. */
const FIRST = /\/src\/(ipc|first-answer)\.ts|@tauri-apps\/api|vite\/preload-helper/;
const LATER = /\/src\/(history|review|secrets)\/|\/src\/targets\/(?!target\.ts)|\/src\/dialog-focus/;

/** What the window and its later parts share lies with the window, in one file and not in many small ones. */
const chunks = {
  groups: [
    { name: 'first', test: FIRST, priority: 2 },
    { name: 'shared', test: (id: string) => id.includes('/ui/src/') && !LATER.test(id), minShareCount: 2, priority: 1 },
  ],
};

// `--mode preview` builds the same window over a core in memory, for looking at it in a browser.
export default defineConfig(({ mode }) => ({
  base: './',
  plugins: [svelte(), svelteTesting(), preloadTheWindow],
  server: { port: 5173, strictPort: true },
  build: {
    target: ['es2022', 'safari16'],
    outDir: mode === 'preview' ? 'dist-preview' : 'dist',
    emptyOutDir: true,
    // Everything is a file: the content security policy takes no fonts from data URLs.
    assetsInlineLimit: 0,
    // One sheet, named in the page, so that no chunk waits for one of its own.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      checks: { bundlerTimings: false, pluginTimings: false },
      output: { codeSplitting: chunks },
      input: mode === 'preview' ? 'preview.html' : 'index.html',
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/test-setup.ts'],
  },
}));
