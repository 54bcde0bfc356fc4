/** Which file answers a request for `app://coffer/…`, and with which headers. Pure: knows nothing of Electron or the disk. */
import path from 'node:path';
import { appAddress } from './app-address';
import { contentSecurityPolicy } from './content-security-policy';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
};

export type FileAnswer =
  | { readonly status: 200; readonly file: string; readonly type: string }
  | { readonly status: 400 | 403 | 404 | 405 };

/** @param root the absolute folder that is served; nothing outside of it is ever named */
export function fileFor(method: string, address: string, root: string): FileAnswer {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405 };
  const url = appAddress(address);
  if (!url) return { status: 403 };
  let wanted: string;
  try {
    wanted = decodeURIComponent(url.pathname);
  } catch {
    return { status: 400 };
  }
  // A backslash is a separator on Windows and a colon names a drive or a stream; no file of ours has one in its name.
  if (/[\0\\:]/.test(wanted)) return { status: 400 };
  if (wanted.split('/').includes('..')) return { status: 403 };
  const file = path.resolve(root, `.${wanted === '/' ? '/index.html' : wanted}`);
  if (!file.startsWith(root + path.sep)) return { status: 403 };
  const type = types[path.extname(file).toLowerCase()];
  return type ? { status: 200, file, type } : { status: 404 };
}

export function headersFor(type: string): Record<string, string> {
  return {
    'Content-Type': type,
    'Content-Security-Policy': contentSecurityPolicy,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  };
}
