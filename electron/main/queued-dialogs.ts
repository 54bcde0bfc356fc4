import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Dialogs } from './dialogs';

const queue = z.array(z.string().nullable());

/** Answers from a file, for end-to-end tests: a JSON list of paths and nulls; each dialog takes the first. */
export function queuedDialogs(file: string): Dialogs {
  const next = async () => {
    const [answer, ...rest] = queue.parse(JSON.parse(await readFile(file, 'utf8')));
    if (answer === undefined) throw new Error('a dialog was opened that the test did not expect');
    await writeFile(file, JSON.stringify(rest));
    return answer;
  };
  return { chooseFolder: next, chooseFile: next, chooseSaveFile: next };
}
