import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { queuedDialogs } from '../../../electron/main/queued-dialogs';

it('answers each dialog with the next line of the file, and fails for one that was not expected', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'coffer-dialogs-'));
  const file = path.join(folder, 'answers.json');
  try {
    writeFileSync(file, JSON.stringify(['/exports', null]));
    const dialogs = queuedDialogs(file);
    expect(await dialogs.chooseFolder({ title: 'Save the exports' })).toBe('/exports');
    expect(await dialogs.chooseSaveFile({ title: 'Save the binder', name: 'b.zip', kinds: [] })).toBeNull();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual([]);
    await expect(dialogs.chooseFolder({ title: 'Again' })).rejects.toThrow('did not expect');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
