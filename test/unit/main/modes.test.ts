import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openModes, windowTitle } from '../../../electron/main/modes';
import { readRuntime, refuseLiveOn } from '../../../electron/main/runtime';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'coffer-modes-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the mode', () => {
  it('is the sandbox at the first start', async () => {
    const modes = await openModes(folder, 'dana', true);
    expect(modes.current()).toEqual({
      mode: 'sandbox',
      welcomed: false,
      operator: 'dana',
      role: 'approver',
      hasPassphrase: false,
      unrestrictedKey: null,
    });
  });

  it('is kept, with the name of the operator', async () => {
    const modes = await openModes(folder, 'dana', true);
    await Promise.all([modes.update({ mode: 'test' }), modes.update({ mode: 'test', operator: 'Dana Reyes' })]);
    await modes.update({ welcomed: true });
    expect((await openModes(folder, 'x', true)).current()).toMatchObject({ mode: 'test', welcomed: true });
    expect(readdirSync(folder)).toEqual(['app.json']);
  });

  it('falls back to the sandbox when the file is damaged, and sets the damaged file aside', async () => {
    for (const text of ['', '{', '{"mode":"LIVE","welcomed":true,"operator":"x"}', '{"mode":"live"}', 'null']) {
      writeFileSync(path.join(folder, 'app.json'), text);
      expect((await openModes(folder, 'dana', true)).current().mode).toBe('sandbox');
      expect(readFileSync(path.join(folder, 'app.json.damaged'), 'utf8')).toBe(text);
    }
  });

  it('is not live on a runtime that may not hold a live key', async () => {
    writeFileSync(path.join(folder, 'app.json'), JSON.stringify({ mode: 'live', welcomed: true, operator: 'Dana' }));
    expect((await openModes(folder, 'x', false)).current()).toEqual({
      mode: 'sandbox',
      role: 'approver',
      hasPassphrase: false,
      unrestrictedKey: null,
      welcomed: true,
      operator: 'Dana',
    });
  });

  it('has a folder and a title of its own', async () => {
    const modes = await openModes(folder, 'dana', true);
    expect(new Set((['sandbox', 'test', 'live'] as const).map(modes.folder)).size).toBe(3);
    expect(windowTitle('live')).toBe('Coffer — LIVE');
  });
});

describe('the runtime', () => {
  const executable = () => path.join(folder, 'electron');
  const mark = (text: string) => writeFileSync(path.join(folder, 'coffer-runtime.json'), text);
  const kind = (electron = '45.4.1') => readRuntime(executable(), { electron, chrome: '1', node: '1' }).kind;

  it('is official without a marker, as in a packaged build, or with the marker of the official one', () => {
    expect(kind()).toBe('official');
    mark('{"kind":"official","electron":"45.4.1"}');
    expect(kind()).toBe('official');
  });

  it('is a stand-in when the marker says so or cannot be understood, or when Electron is too old', () => {
    mark('{"kind":"stand-in","electron":"45.4.1"}');
    expect(kind()).toBe('stand-in');
    mark('{');
    expect(kind()).toBe('stand-in');
    mark('{"kind":"official"}');
    expect(kind('33.2.1')).toBe('stand-in');
  });

  it('refuses live money on a stand-in and says which runtime it is', () => {
    expect(() => refuseLiveOn({ kind: 'stand-in', electron: '33.2.1', chrome: '', node: '' })).toThrow(/33\.2\.1/);
    expect(() => refuseLiveOn({ kind: 'official', electron: '45.4.1', chrome: '', node: '' })).not.toThrow();
  });
});
