/** A program of Coffer as one file, as plain Node runs it. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Two folders below the root: the program finds resources/ and node_modules/ from here as from its source. */
const FOLDER = join(ROOT, 'node_modules', '.coffer');

/** @param entry path from the root @returns the file, and what removes it */
export async function bundle(entry: string, name: string): Promise<{ file: string; remove: () => Promise<void> }> {
  await mkdir(FOLDER, { recursive: true });
  const file = `${name}-${process.pid}.mjs`;
  await build({
    configFile: false,
    logLevel: 'error',
    root: ROOT,
    publicDir: false,
    build: {
      ssr: join(ROOT, entry),
      outDir: FOLDER,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rollupOptions: { output: { entryFileNames: file, format: 'es', codeSplitting: false } },
    },
    ssr: { noExternal: true, external: ['libsql', 'fflate', 'dejavu-fonts-ttf'] },
  });
  return { file: join(FOLDER, file), remove: () => rm(join(FOLDER, file), { force: true }) };
}
