import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that was read in full. */
export interface Incoming {
  readonly method: string;
  readonly pathname: string;
  /** Without the leading `?`. */
  readonly query: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What to do with the connection. */
export type Outgoing =
  | { readonly kind: 'reply'; readonly status: number; readonly headers: Record<string, string>; readonly body: string }
  /** Promise the whole body, send half of it and close. */
  | {
      readonly kind: 'truncated';
      readonly status: number;
      readonly headers: Record<string, string>;
      readonly body: string;
    }
  /** Close without a word. */
  | { readonly kind: 'drop' };

const LARGEST_BODY = 1 << 20;
const LOOPBACK = '127.0.0.1';

/** Only names of this machine: a page on the internet that resolves to 127.0.0.1 (DNS rebinding) gets nothing. */
function isLocalHost(host: string | undefined): boolean {
  return host !== undefined && /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/i.test(host);
}

class TooLarge extends Error {}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > LARGEST_BODY) throw new TooLarge();
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function plain(status: number, message: string): Outgoing {
  return {
    kind: 'reply',
    status,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ error: { type: 'invalid_request_error', message } }),
  };
}

async function answerTo(
  request: IncomingMessage,
  answer: (incoming: Incoming) => Promise<Outgoing>,
): Promise<Outgoing> {
  if (!isLocalHost(request.headers.host))
    return plain(403, 'The embedded Stripe answers to 127.0.0.1 and localhost only.');
  let body: string;
  try {
    body = await read(request);
  } catch (error) {
    if (error instanceof TooLarge) return plain(413, 'The request body is too large.');
    return { kind: 'drop' };
  }
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  return answer({
    method: request.method ?? 'GET',
    pathname: mark === -1 ? url : url.slice(0, mark),
    query: mark === -1 ? '' : url.slice(mark + 1),
    headers: request.headers,
    body,
  });
}

function send(response: ServerResponse, outgoing: Outgoing): void {
  if (outgoing.kind === 'drop') {
    response.socket?.destroy();
    return;
  }
  const bytes = Buffer.from(outgoing.body);
  response.sendDate = false;
  response.writeHead(outgoing.status, { ...outgoing.headers, 'Content-Length': String(bytes.length) });
  if (outgoing.kind === 'reply') {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, bytes.length >>> 1), () => response.socket?.destroy());
}

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on the loopback interface only. Port 0 takes a free one. */
export async function listen(
  port: number,
  answer: (incoming: Incoming) => Promise<Outgoing>,
  onBug: (error: unknown) => void,
): Promise<Listener> {
  const server: Server = createServer((request, response) => {
    answerTo(request, answer).then(
      (outgoing) => send(response, outgoing),
      (error: unknown) => {
        onBug(error);
        response.socket?.destroy();
      },
    );
  });
  // Longer than clients keep idle connections, so that none is closed under a request.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address: string | AddressInfo | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('The sandbox has no port');
  return {
    port: address.port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        // Whoever is still connected after a moment is cut off.
        setTimeout(() => server.closeAllConnections(), 500).unref();
      }),
  };
}
