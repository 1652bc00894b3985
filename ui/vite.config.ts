import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** All of it is read before anything is drawn, at 60 ms for a megabyte: what is not shown at once is to come later. */
const START = 500_000;

/** Has the window's code and its fonts fetched while the first lines run, which ask the core and then import it. */
const preloadTheWindow: Plugin = {
  name: 'preload-the-window',
  transformIndexHtml: {
    order: 'post',
    handler(_html, { bundle, chunk: first }) {
      const chunks = Object.values(bundle ?? {}).filter((file) => file.type === 'chunk');
      const window = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith('/src/window.ts'));
      const code = new Set(window ? [window.fileName] : []);
      // A set goes on to what is added to it meanwhile.
      for (const file of code) {
        for (const imported of chunks.find(({ fileName }) => fileName === file)?.imports ?? []) code.add(imported);
      }
      if (bundle && !window) throw new Error('Nothing of what is built is the window.');
      const bytes = chunks.reduce((sum, chunk) => sum + (code.has(chunk.fileName) ? chunk.code.length : 0), 0);
      if (bytes > START) throw new Error(`The window starts with ${bytes} bytes of code, more than ${START}.`);
      code.delete(first?.fileName ?? '');
      const fonts = Object.keys(bundle ?? {}).filter((file) => file.endsWith('.woff2'));
      const link = (href: string, attrs: Record<string, string>) => ({
        tag: 'link',
        attrs: { ...attrs, crossorigin: '', href: `./${href}` },
      });
      return [
        ...[...code].map((file) => link(file, { rel: 'modulepreload' })),
        ...fonts.map((file) => link(file, { rel: 'preload', as: 'font', type: 'font/woff2' })),
      ];
    },
  },
};

/** One character beyond Latin makes the engine keep and read all of a file in twice as many bytes. */
const inBytes: Plugin = {
  name: 'in-bytes',
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk') continue;
      if (/\\[^\0-\x7f]/.test(file.code)) this.error(`${file.fileName} has a backslash before what is beyond ASCII.`);
      file.code = file.code.replace(/[^\0-\x7f]/g, escaped);
    }
  },
};

const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** What the first lines of the page need: they ask the core before the rest is read. */
const FIRST = /\/src\/(ipc|first-answer)\.ts|@tauri-apps\/api|vite\/preload-helper/;
const LATER =
  /\/src\/(history|review|secrets|editor\/language)\/|\/src\/(credentials\/VersionsStrip|problems\/unopened)|\/src\/editor\/grammar|\/src\/targets\/(?!target\.ts)|\/src\/(dialog-focus|DialogFrame)/;

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
  plugins: [svelte(), svelteTesting(), preloadTheWindow, inBytes],
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
    // A busy machine is no broken window.
    testTimeout: 30_000,
  },
}));
