import { existsSync } from 'node:fs';
import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const root = import.meta.dirname;
const at = (...parts: string[]) => path.resolve(root, ...parts);

/** Code with a native part, or that reads its own files: stays in node_modules. Everything else is bundled. */
const external = [
  /^libsql(\/|$)/,
  /^@libsql\//,
  /^keytar(\/|$)/,
  /^electron-log(\/|$)/,
  /^fflate$/,
  /^dejavu-fonts-ttf/,
];

/** Only the entries that exist, so that a part that is not written yet breaks nothing. */
function entries(candidates: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(candidates).filter(([, file]) => existsSync(file)));
}

const mainEntries = entries({
  index: at('electron/main/index.ts'),
  sandbox: at('electron/sandbox/cli.ts'),
  worker: at('electron/services/worker/worker.ts'),
});
const preloadEntries = entries({ index: at('electron/preload/index.ts') });
const rendererEntries = entries({ index: at('renderer/index.html') });

const some = (found: Record<string, string>) => Object.keys(found).length > 0;

export default defineConfig(({ command }) => {
  const sourcemap = command === 'serve';
  return {
    ...(some(mainEntries) && {
      main: {
        build: {
          // The app runs on Electron 45 and on 33 (Node 20.18, Chromium 130).
          target: 'node20.18',
          sourcemap,
          externalizeDeps: false,
          rolldownOptions: {
            input: mainEntries,
            external,
            output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
          },
        },
      },
    }),
    ...(some(preloadEntries) && {
      preload: {
        build: {
          target: 'node20.18',
          sourcemap,
          externalizeDeps: false,
          rolldownOptions: {
            input: preloadEntries,
            // A sandboxed preload is one CommonJS file.
            output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
          },
        },
      },
    }),
    ...(some(rendererEntries) && {
      renderer: {
        root: at('renderer'),
        plugins: [react()],
        build: {
          target: 'chrome130',
          sourcemap,
          // Half of what the page has to read at its start.
          minify: true,
          chunkSizeWarningLimit: 1_000,
          outDir: at('out/renderer'),
          rolldownOptions: { input: rendererEntries },
        },
      },
    }),
  };
});
