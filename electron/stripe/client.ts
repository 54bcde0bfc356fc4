/**
 * The only way to Stripe. It adds to the package what money needs: our own idempotency key on every POST and no hidden
 * re-sending, the rate limiter, a check of the mode on every reply, Stripe's clock, and errors as values.
 */
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import Stripe from 'stripe';
import { z } from 'zod';
import { type CallFacts, type Method, noFacts, problemOf, unreadable, wrongMode } from './errors';
import { parseStripeKey } from './key';
import { endpointOf, type Limiter } from './limiter';
import { type StripeProblem, StripeUnavailable } from './problem';
import { pathWithQuery, type Query } from './query';

export const API_VERSION = '2026-10-28.endive';

const DEFAULT_TIMEOUT_MS = 30_000;
/** Unused connections are closed after this, so that a POST rarely meets one that Stripe has given up. */
const IDLE_CONNECTION_MS = 10_000;
const READ_ATTEMPTS = 5;
const BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 8_000;
const PAGE_SIZE = 100;
/** Ten million objects: a list that does not end before is not read on. */
const MAX_PAGES = 100_000;
const CALL_HEADER = 'X-Coffer-Call';

export interface StripeClientOptions {
  readonly key: string;
  /** A local server, `http://127.0.0.1:PORT`. Absent: api.stripe.com. */
  readonly baseUrl?: string;
  readonly limiter: Limiter;
  /** Wall clock in milliseconds, for the clock skew. */
  readonly now: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
  /** In [0, 1), spreads the retries of reads. */
  readonly random?: () => number;
  readonly timeoutMs?: number;
  readonly onResponse?: (response: ObservedResponse) => void;
}

export interface ObservedResponse {
  readonly method: Method;
  /** Without ids. */
  readonly endpoint: string;
  readonly status: number | null;
  readonly requestId: string | null;
  readonly tookMs: number;
}

export type Reply =
  | { readonly ok: true; readonly body: unknown; readonly requestId: string | null }
  | { readonly ok: false; readonly problem: StripeProblem };

export interface StripeClient {
  readonly mode: 'test' | 'live';
  readonly keyKind: 'restricted' | 'secret';
  /** Talks to a local server and not to Stripe. */
  readonly local: boolean;
  /** Stripe's clock minus ours in milliseconds, from the latest reply (a second's resolution); null before the first. */
  clockSkewMs(): number | null;
  /** One attempt. Never retried here, never throws for what Stripe or the network answers. */
  post(path: string, params: Readonly<Record<string, unknown>>, idempotencyKey: string): Promise<Reply>;
  /** A read, retried on 429, 5xx and broken connections. Throws `StripeUnavailable`. */
  read<T>(path: string, query: Query, schema: z.ZodType<T>): Promise<T>;
  /** All items of a list, newest first as Stripe gives them, page by page. Throws `StripeUnavailable`. */
  list<T extends { readonly id: string }>(path: string, query: Query, schema: z.ZodType<T>): AsyncIterable<T>;
  close(): void;
}

/** Throws on settings that must never be used: not a secret key, a live key with a local server, a server that is not local. */
export function createStripeClient(options: StripeClientOptions): StripeClient {
  const key = parseStripeKey(options.key);
  if (key === undefined) throw new Error('Not a Stripe secret or restricted key');
  const server = options.baseUrl === undefined ? undefined : localServer(options.baseUrl);
  if (server !== undefined && key.mode === 'live') {
    throw new Error('A live key is only ever sent to Stripe itself, never to another server');
  }
  return new Client(options, key, server);
}

interface Server {
  readonly host: string;
  readonly port: number;
}

function localServer(baseUrl: string): Server {
  const url = new URL(baseUrl);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const loopback = host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
  if (url.protocol !== 'http:' || !loopback)
    throw new Error('A server other than Stripe must be on this computer (http, loopback)');
  if (url.port === '') throw new Error('The address of a local server must name its port');
  return { host, port: Number(url.port) };
}

class Client implements StripeClient {
  readonly mode: 'test' | 'live';
  readonly keyKind: 'restricted' | 'secret';
  readonly local: boolean;
  readonly #stripe: Stripe;
  readonly #wire: Wire;
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #random: () => number;

  constructor(
    private readonly options: StripeClientOptions,
    key: { readonly mode: 'test' | 'live'; readonly kind: 'restricted' | 'secret' },
    server: Server | undefined,
  ) {
    this.mode = key.mode;
    this.keyKind = key.kind;
    this.local = server !== undefined;
    this.#sleep = options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
    this.#random = options.random ?? Math.random;
    this.#wire = new Wire(server !== undefined, options.now);
    this.#stripe = new Stripe(options.key, {
      apiVersion: API_VERSION,
      maxNetworkRetries: 0,
      telemetry: false,
      timeout: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      httpClient: this.#wire,
      ...(server === undefined ? {} : { host: server.host, port: server.port, protocol: 'http' as const }),
    });
  }

  clockSkewMs(): number | null {
    return this.#wire.skewMs;
  }

  close(): void {
    this.#wire.close();
  }

  async post(path: string, params: Readonly<Record<string, unknown>>, idempotencyKey: string): Promise<Reply> {
    if (idempotencyKey === '') throw new Error('A POST without an idempotency key must never be sent');
    return this.#call('POST', path, { ...params }, idempotencyKey);
  }

  async read<T>(path: string, query: Query, schema: z.ZodType<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const reply = await this.#call('GET', pathWithQuery(path, query), undefined, undefined);
      if (reply.ok) {
        const parsed = schema.safeParse(reply.body);
        if (parsed.success) return parsed.data;
        throw new StripeUnavailable(unreadable('GET', { ...noFacts(), requestId: reply.requestId }));
      }
      const { problem } = reply;
      const passing = problem.kind === 'not-now' || problem.kind === 'unavailable';
      if (!passing || attempt >= READ_ATTEMPTS) throw new StripeUnavailable(problem);
      const backoff = Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** (attempt - 1)) * (0.5 + this.#random() / 2);
      await this.#sleep(Math.max(backoff, Math.min(problem.retryAfterMs ?? 0, MAX_BACKOFF_MS)));
    }
  }

  async *list<T extends { readonly id: string }>(path: string, query: Query, schema: z.ZodType<T>): AsyncIterable<T> {
    const v2 = path.startsWith('/v2/');
    const page = v2
      ? z.object({ data: z.array(schema), next_page_url: z.string().nullish() })
      : z.object({ data: z.array(schema), has_more: z.boolean() });
    let next: string | null = pathWithQuery(path, { limit: PAGE_SIZE, ...query });
    for (let read = 0; next !== null; read += 1) {
      if (read >= MAX_PAGES) throw new StripeUnavailable(endless());
      const reply: { data: T[]; next_page_url?: string | null | undefined; has_more?: boolean } = await this.read(
        next,
        {},
        page,
      );
      yield* reply.data;
      const last = reply.data.at(-1);
      if (reply.has_more === true) {
        if (last === undefined) throw new StripeUnavailable(endless());
        next = pathWithQuery(path, { limit: PAGE_SIZE, ...query, starting_after: last.id });
      } else {
        next = nextPath(reply.next_page_url ?? null);
      }
    }
  }

  async #call(
    method: Method,
    path: string,
    params: Record<string, unknown> | undefined,
    idempotencyKey: string | undefined,
  ): Promise<Reply> {
    const endpoint = endpointOf(method, path);
    const release = await this.options.limiter.acquire(endpoint);
    const call = randomUUID();
    const facts = this.#wire.expect(call);
    const startedAt = this.options.now();
    let problem: StripeProblem | null = null;
    let body: unknown = null;
    try {
      body = await this.#stripe.rawRequest(method, path, params, {
        additionalHeaders: { [CALL_HEADER]: call },
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      });
      problem = this.#objection(body, method, facts);
    } catch (error) {
      problem = problemOf(error, method, facts);
    } finally {
      this.#wire.forget(call);
      release({
        status: facts.status,
        lockTimeout: problem?.code === 'lock_timeout',
        retryAfterMs: facts.retryAfterMs,
        reason: facts.rateLimitedReason,
      });
    }
    this.options.onResponse?.({
      method,
      endpoint,
      status: facts.status,
      requestId: facts.requestId,
      tookMs: this.options.now() - startedAt,
    });
    return problem === null ? { ok: true, body, requestId: facts.requestId } : { ok: false, problem };
  }

  /** What is wrong with a reply that the package took for a success. */
  #objection(body: unknown, method: Method, facts: CallFacts): StripeProblem | null {
    if (facts.status === null || facts.status < 200 || facts.status > 299) return unreadable(method, facts);
    if (typeof body !== 'object' || body === null) return unreadable(method, facts);
    return contradictsMode(body, this.mode === 'live', 0) ? wrongMode(this.mode, facts.requestId) : null;
  }
}

function endless(): StripeProblem {
  return {
    kind: 'unavailable',
    code: 'endless-list',
    message: 'A list at Stripe did not come to an end.',
    hint: 'Try again later, with a shorter period if there is a choice.',
    requestId: null,
    retryAfterMs: null,
  };
}

/** v2 gives the next page as a path or a whole address; only path and query are used, never another host. */
function nextPath(nextPageUrl: string | null): string | null {
  if (nextPageUrl === null || nextPageUrl === '') return null;
  const url = new URL(nextPageUrl, 'http://localhost');
  return `${url.pathname}${url.search}`;
}

/** Deeper than any reply of Stripe's; a bound all the same. */
const MODE_DEPTH = 64;

/** Whether the reply, or an object within it, says it belongs to the other mode. */
function contradictsMode(value: unknown, live: boolean, depth: number): boolean {
  if (typeof value !== 'object' || value === null || depth > MODE_DEPTH) return false;
  const livemode: unknown = Reflect.get(value, 'livemode');
  if (typeof livemode === 'boolean' && livemode !== live) return true;
  return Object.values(value).some((inner) => contradictsMode(inner, live, depth + 1));
}

/** The package's HTTP client with what it hides made visible, and its one hidden re-send switched off. */
class Wire implements Stripe.HttpClient {
  readonly #inner: Stripe.HttpClient;
  readonly #agent: http.Agent;
  readonly #expected = new Map<string, CallFacts>();
  #skewMs: number | null = null;

  constructor(
    plain: boolean,
    private readonly now: () => number,
  ) {
    const settings = { keepAlive: true, timeout: IDLE_CONNECTION_MS };
    this.#agent = plain ? new http.Agent(settings) : new https.Agent(settings);
    this.#inner = Stripe.createNodeHttpClient(this.#agent);
  }

  get skewMs(): number | null {
    return this.#skewMs;
  }

  expect(call: string): CallFacts {
    const facts = noFacts();
    this.#expected.set(call, facts);
    return facts;
  }

  forget(call: string): void {
    this.#expected.delete(call);
  }

  close(): void {
    this.#agent.destroy();
  }

  getClientName(): string {
    return 'node';
  }

  async makeRequest(
    ...args: Parameters<Stripe.HttpClient['makeRequest']>
  ): ReturnType<Stripe.HttpClient['makeRequest']> {
    const [host, port, path, method, headers, body, protocol, timeout] = args;
    const { [CALL_HEADER]: call, ...sent } = headers;
    const facts = this.#expected.get(String(call));
    try {
      const response = await this.#inner.makeRequest(host, port, path, method, sent, body, protocol, timeout);
      if (facts !== undefined) this.#observe(facts, response);
      return response;
    } catch (error) {
      throw withoutResend(error);
    }
  }

  #observe(facts: CallFacts, response: Awaited<ReturnType<Stripe.HttpClient['makeRequest']>>): void {
    const headers = response.getHeaders();
    const header = (name: string): string | null => {
      const value = headers[name];
      return typeof value === 'string' ? value : null;
    };
    facts.status = response.getStatusCode();
    facts.requestId = header('request-id');
    facts.retryAfterMs = retryAfter(header('retry-after'), this.now());
    facts.rateLimitedReason = header('stripe-rate-limited-reason');
    facts.replayed = header('idempotent-replayed') === 'true';
    const date = Date.parse(header('date') ?? '');
    if (!Number.isNaN(date)) this.#skewMs = date - this.now();
  }
}

/**
 * The package sends a request again by itself after ECONNRESET and EPIPE, even with `maxNetworkRetries: 0`. Whether and
 * when to send again is the journal's decision, so the code that triggers it is taken off the error.
 */
function withoutResend(error: unknown): unknown {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (typeof code !== 'string' || !Stripe.HttpClient.CONNECTION_CLOSED_ERROR_CODES.includes(code)) return error;
  return new Error(`Connection closed (${code})`, { cause: error });
}

/** Seconds or an HTTP date, in milliseconds from now. */
function retryAfter(value: string | null, now: number): number | null {
  if (value === null) return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
