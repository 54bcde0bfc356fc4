/** Built as the app is (electron.vite.config.ts of the project), into a folder that goes away with node_modules. */
import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const here = import.meta.dirname;
const out = path.resolve(here, '../../../node_modules/.coffer/empty-window');
const build = { target: 'node20.18', externalizeDeps: false };

export default defineConfig({
  main: {
    build: {
      ...build,
      outDir: path.join(out, 'main'),
      rolldownOptions: { input: { index: path.join(here, 'main.ts') }, output: { entryFileNames: '[name].mjs' } },
    },
  },
  preload: {
    build: {
      ...build,
      outDir: path.join(out, 'preload'),
      rolldownOptions: {
        input: { index: path.join(here, 'preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  },
  renderer: {
    root: here,
    plugins: [react()],
    build: {
      target: 'chrome130',
      minify: true,
      outDir: path.join(out, 'renderer'),
      emptyOutDir: true,
      rolldownOptions: { input: { index: path.join(here, 'index.html') } },
    },
  },
});
