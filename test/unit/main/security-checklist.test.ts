/** Electron's security checklist: what can be held without starting the app, and the page that links item, code and test. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRuntime, refuseLiveOn } from '../../../electron/main/runtime';
import { fileFor } from '../../../electron/main/security/app-files';
import { contentSecurityPolicy } from '../../../electron/main/security/content-security-policy';
import { webPreferences } from '../../../electron/main/security/web-preferences';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

const sources = readdirSync(path.join(root, 'electron'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: read(path.join('electron', file)) }));

test('items 2, 3, 4, 6, 8, 9, 10, 11: what a page may do is written down, and no window sets anything else', () => {
  expect(webPreferences('/p.cjs', true)).toEqual({
    preload: '/p.cjs',
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    devTools: false,
    spellcheck: false,
  });
  const windows = sources.filter(({ text }) => /new (BrowserWindow|BrowserView|WebContentsView)\(/.test(text));
  expect(windows.map(({ file }) => file).sort()).toEqual(['main/pdf-printer.ts', 'main/window.ts']);
  const textOf = (file: string) => windows.find((one) => one.file === file)?.text ?? '';
  expect(textOf('main/window.ts')).toContain('webPreferences: webPreferences(');
  // The one that prints has no preload, runs no script, and has a session of its own with every guard.
  const printer = textOf('main/pdf-printer.ts');
  for (const kept of ['sandbox: true', 'contextIsolation: true', 'nodeIntegration: false', 'javascript: false'])
    expect(printer).toContain(kept);
  for (const guard of ['cutNetwork(own)', 'denyPermissions(own)', 'denyDownloads(own)'])
    expect(printer).toContain(guard);
  expect(printer).not.toContain('preload');
});

test('item 4: the switch that turns the sandbox off is set by nobody here', () => {
  for (const { file, text } of sources)
    expect(text, file).not.toMatch(/appendSwitch\(\s*['"](no-sandbox|disable-web-security|disable-site-isolation)/);
  expect(sources.find(({ file }) => file === 'main/index.ts')?.text).toContain('\nsandboxEveryRenderer();');
});

test('item 7: the policy allows nothing by default, and nothing unsafe', () => {
  const rules = Object.fromEntries(contentSecurityPolicy.split('; ').map((rule) => [rule.split(' ')[0], rule]));
  expect(rules['default-src']).toBe("default-src 'none'");
  expect(rules['script-src']).toBe("script-src 'self'");
  expect(rules['connect-src']).toBe("connect-src 'none'");
  expect(rules['style-src']).toMatch(/^style-src 'self' 'sha256-[A-Za-z0-9+/=]+'$/);
  expect(contentSecurityPolicy).not.toMatch(/unsafe-|\*|https?:|blob:/);
});

test('item 15: no address is ever handed to the system', () => {
  for (const { file, text } of sources) expect(text, file).not.toMatch(/openExternal\(|\.openPath\(/);
});

describe('item 16: a current Electron', () => {
  test('is what package.json pins; live keys are refused on an older one and on a stand-in', () => {
    const { electron } = JSON.parse(read('package.json')).devDependencies;
    expect(electron).toMatch(/^\d+\.\d+\.\d+$/);
    expect(Number.parseInt(electron, 10)).toBeGreaterThanOrEqual(45);
    const runtime = (version: string) => readRuntime('/nowhere/coffer', { electron: version, chrome: '1', node: '20' });
    expect(() => refuseLiveOn(runtime(electron))).not.toThrow();
    expect(() => refuseLiveOn(runtime('44.9.9'))).toThrow('stand-in runtime');
    expect(() => refuseLiveOn(runtime('33.2.1'))).toThrow('stand-in runtime');
  });

  test('and live keys are refused while a debugger may act in the app', () => {
    expect(() => refuseLiveOn({ kind: 'official', electron: '45.4.1', chrome: '1', node: '20' }, true)).toThrow(
      'debugging port',
    );
  });
});

test('item 18: 20,000 hostile addresses lead to no file outside of the served folder', () => {
  const served = path.resolve('/srv/coffer/renderer');
  const part = fc.constantFrom(
    '..',
    '.',
    '%2e%2e',
    '%2e.',
    '%2f',
    '/',
    '\\',
    '%5c',
    '%00',
    'a',
    'index.html',
    '%252e',
    '//',
    'C:',
    'etc',
    'x.js',
    '%c0%ae',
    '?',
    '#',
    '@',
    '\u2025',
  );
  const address = fc.tuple(
    fc.constantFrom(
      'app://coffer/',
      'app://coffer',
      'app://coffer.evil/',
      'APP://coffer/',
      'app://coffer@evil/',
      'file:///',
      '',
    ),
    fc.array(part, { maxLength: 12 }),
  );
  let files = 0;
  fc.assert(
    fc.property(address, ([start, parts]) => {
      const answer = fileFor('GET', start + parts.join(''), served);
      if (answer.status !== 200) return true;
      files += 1;
      return answer.file.startsWith(served + path.sep) && path.normalize(answer.file) === answer.file;
    }),
    { numRuns: 20_000, seed: 20_261_125 },
  );
  expect(files).toBeGreaterThan(100);
});

describe('docs/security.md', () => {
  const rows = read('docs/security.md')
    .split('\n')
    .filter((line) => /^\| \d+ \|/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));

  test('has the twenty items of the checklist, in order', () => {
    expect(rows.map((cells) => Number(cells[1]))).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  test.each(rows.map((cells) => [cells[1] ?? '', cells[3] ?? '', cells[4] ?? '']))(
    'item %s names code and tests that are there',
    (item, code, tests) => {
      const named = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
      expect(named(code).length + named(tests).length).toBeGreaterThan(1);
      for (const file of [...named(code), ...named(tests)]) expect(existsSync(path.join(root, file)), file).toBe(true);
      const pattern = new RegExp(`items? (\\d+, )*${item}[,:]`);
      const naming = named(tests).filter((file) => pattern.test(read(file)) || item === '19');
      expect(naming.length, `a test that names item ${item}`).toBeGreaterThan(0);
    },
  );
});
