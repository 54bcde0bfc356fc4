import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { appAddress } from '../../../electron/main/security/app-address';
import { fileFor, headersFor } from '../../../electron/main/security/app-files';

const root = path.resolve('/srv/coffer/renderer');
const get = (address: string) => fileFor('GET', address, root);

describe('files of app://coffer', () => {
  it('has the page at the root', () => {
    expect(get('app://coffer/')).toEqual({
      status: 200,
      file: path.join(root, 'index.html'),
      type: 'text/html; charset=utf-8',
    });
  });

  it('finds a file below, whatever its query and fragment', () => {
    expect(get('app://coffer/assets/index-1.js?v=2#x')).toMatchObject({
      file: path.join(root, 'assets', 'index-1.js'),
      type: 'text/javascript; charset=utf-8',
    });
    expect(get('app://coffer/assets/Inter%20Var.woff2')).toMatchObject({ type: 'font/woff2' });
  });

  it.each([
    'app://coffer/..%2f..%2fetc/passwd.txt',
    'app://coffer/%2e%2e%2fsecret.json',
    'app://coffer/assets/..%2f..%2f..%2fsecret.json',
    'app://coffer/..%5c..%5csecret.json',
    'app://coffer/%5c%5cserver%5cshare.json',
    'app://coffer/c:%2fsecret.json',
    'app://coffer/index.html%00.js',
    'app://coffer/%e0%a4%a',
    'app://coffer/assets/%2e%2e%2f..',
  ])('refuses %s', (address) => {
    expect(get(address).status).toBeGreaterThanOrEqual(400);
  });

  it.each([
    'app://coffer/../../etc/passwd.txt',
    'app://coffer/%2e%2e/%2e%2e/secret.json',
    'app://coffer//etc/passwd.txt',
    'app://coffer/%2fetc/passwd.txt',
    'app://coffer/../renderer-secret/a.json',
  ])('answers %s with nothing outside of its folder', (address) => {
    const answer = get(address);
    if (answer.status === 200) expect(answer.file.startsWith(root + path.sep)).toBe(true);
    else expect(answer.status).toBeGreaterThanOrEqual(400);
  });

  it.each(['app://other/index.html', 'app://coffer.evil/index.html', 'app://x@coffer/index.html', 'https://coffer/'])(
    'knows nothing at %s',
    (address) => {
      expect(get(address).status).toBe(403);
      expect(appAddress(address)).toBeNull();
    },
  );

  it('serves known kinds of files only, and only for reading', () => {
    expect(get('app://coffer/coffer.sqlite').status).toBe(404);
    expect(get('app://coffer/assets').status).toBe(404);
    expect(fileFor('POST', 'app://coffer/', root).status).toBe(405);
  });
});

describe('the headers of a page', () => {
  const policy = headersFor('text/html')['Content-Security-Policy'] ?? '';

  it('allow nothing that is not named', () => {
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("script-src 'self';");
  });

  it('never allow inline code, eval or another host', () => {
    expect(policy).not.toMatch(/unsafe|https?:|\*|blob:/);
  });
});
