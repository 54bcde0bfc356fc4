/** A plain HTTP relay in front of the embedded Stripe: it counts requests, and a test can act before or after any of them. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  readonly method: string;
  /** Without ids and query. */
  readonly endpoint: string;
}

export type Moment = 'before' | 'after';

/** `/v1/payouts/po_123` → `/v1/payouts/:id`. */
export function endpointOf(path: string): string {
  return path
    .replace(/\?.*$/, '')
    .split('/')
    .map((part) =>
      /^[a-z]+_(test_)?[A-Za-z0-9_]+$/.test(part) && /^(acct|po|obp|fa|tr|txn|ch|rc)_/.test(part) ? ':id' : part,
    )
    .join('/');
}

export class Wire {
  readonly url: string;
  readonly seen: Seen[] = [];
  /** Told of each request before it reaches Stripe, and after Stripe has done it, before the caller has the reply. */
  act: (moment: Moment, nth: number, request: Seen) => void | Promise<void> = () => {};
  readonly #server: http.Server;
  readonly #agent: http.Agent;

  private constructor(server: http.Server, agent: http.Agent, url: string) {
    this.#server = server;
    this.#agent = agent;
    this.url = url;
  }

  static async before(target: string): Promise<Wire> {
    const agent = new http.Agent({ keepAlive: false });
    const { hostname, port } = new URL(target);
    let wire: Wire | null = null;
    const server = http.createServer((request, response) => {
      const seen: Seen = { method: request.method ?? 'GET', endpoint: endpointOf(request.url ?? '/') };
      wire?.seen.push(seen);
      const nth = wire?.seen.length ?? 0;
      const body: Buffer[] = [];
      request.on('data', (chunk: Buffer) => body.push(chunk));
      request.on('error', () => {});
      response.on('error', () => {});
      request.on('end', async () => {
        await wire?.act('before', nth, seen);
        const { method, url: path, headers } = request;
        const forward = http.request({ agent, hostname, port, method, path, headers }, (reply) => {
          const chunks: Buffer[] = [];
          reply.on('data', (chunk: Buffer) => chunks.push(chunk));
          reply.on('end', async () => {
            await wire?.act('after', nth, seen);
            response.writeHead(reply.statusCode ?? 502, reply.headers);
            response.end(Buffer.concat(chunks));
          });
          reply.on('error', () => {
            // A body that was cut short: passed on as it came, then cut.
            response.writeHead(reply.statusCode ?? 502, reply.headers);
            response.write(Buffer.concat(chunks), () => response.destroy());
          });
        });
        forward.on('error', () => response.destroy());
        forward.end(Buffer.concat(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    wire = new Wire(server, agent, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return wire;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
