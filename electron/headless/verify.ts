/** `verify BINDER.zip`: unpacks the binder and runs the stand-alone verifier on it, the one of this program and not the one inside. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { unzipSync } from 'fflate';
import { BAD_INPUT, DONE, type Ending, STOPPED } from './ending';

/** The stand-alone verifier that goes into every binder, in the checkout. */
export const VERIFIER = fileURLToPath(new URL('../../resources/verify-binder.mjs', import.meta.url));

export async function runVerify(binder: string, progress: (line: string) => void, verifier: string): Promise<Ending> {
  let entries: ReturnType<typeof unzipSync>;
  try {
    entries = unzipSync(await readFile(binder));
  } catch {
    progress(`${binder} is not a binder: it cannot be read as a zip file.`);
    return { exit: BAD_INPUT, summary: { command: 'verify', error: 'input', message: 'not a zip file' } };
  }
  const folder = await mkdtemp(join(tmpdir(), 'coffer-verify-'));
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, content] of Object.entries(entries)) {
      // A binder has no folders; a name with one would write outside of ours.
      if (basename(name) !== name || name === '') {
        progress(`${binder} is not a binder: it holds "${name}".`);
        return { exit: BAD_INPUT, summary: { command: 'verify', error: 'input', message: `unexpected entry ${name}` } };
      }
      await writeFile(join(folder, name), content);
    }
    if (!('manifest.json' in entries)) {
      progress(`${binder} is not a binder: it has no manifest.json.`);
      return { exit: BAD_INPUT, summary: { command: 'verify', error: 'input', message: 'no manifest.json' } };
    }
    const { code, lines } = await runVerifier(verifier, folder);
    for (const line of lines) progress(line);
    const verified = code === 0;
    return {
      exit: verified ? DONE : STOPPED,
      summary: { command: 'verify', verified, ...(verified ? {} : { exceptions: lines }) },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** In a thread: the installed app cannot start its own executable as a Node. */
function runVerifier(verifier: string, folder: string): Promise<{ code: number; lines: string[] }> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(verifier, { argv: [folder], stdout: true, stderr: true });
    let output = '';
    const take = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    worker.stdout.on('data', take);
    worker.stderr.on('data', take);
    worker.on('error', reject);
    worker.on('exit', (code) => resolve({ code, lines: output.split('\n').filter((line) => line !== '') }));
  });
}
