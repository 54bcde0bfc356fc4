import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ActiveFaults, flipLivemode, takeFaults } from './faults';
import { authenticate, requirePermission } from './http/auth';
import type { Route } from './http/context';
import { ApiError, errorBody, invalid, rateLimited, unknownRoute } from './http/errors';
import { expand } from './http/expand';
import { FormError, parseForm, type RawObject, type RawValue } from './http/form';
import type { Incoming, Outgoing } from './http/listener';
import { Params } from './http/params';
import { type RateLimit, RateLimiter } from './http/rate-limit';
import { Router } from './http/router';
import { type ApiVersion, fingerprint, Idempotency, inUse, LONGEST_KEY } from './idempotency';
import { API_VERSION } from './objects/events';
import { settleDue } from './operations/settlement';
import type { Work } from './operations/work';
import { routes } from './routes';
import type { SandboxState } from './state/state';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One request, taken apart and checked, before it reaches its route. */
interface Call {
  readonly incoming: Incoming;
  readonly version: ApiVersion;
  readonly requestId: string;
  readonly route: Route;
  readonly path: readonly string[];
  readonly account: string | undefined;
  readonly raw: RawObject;
  readonly print: string;
  readonly idempotencyKey: string | null;
  readonly faults: ActiveFaults;
}

export interface ApiOptions {
  readonly settlementDelay: number;
  readonly rateLimit: RateLimit | null;
  /** Told about answers that are errors of the sandbox itself. */
  readonly onBug: (error: unknown) => void;
}

/** Stripe's API over the sandbox state: from a request that was read to what goes back over the wire. */
export class StripeApi {
  readonly #router = new Router(routes);
  readonly #limiter: RateLimiter;
  readonly #idempotency: Idempotency;

  constructor(
    private readonly state: SandboxState,
    private readonly options: ApiOptions,
  ) {
    this.#limiter = new RateLimiter(options.rateLimit);
    this.#idempotency = new Idempotency(state);
  }

  async answer(incoming: Incoming): Promise<Outgoing> {
    const version: ApiVersion = incoming.pathname.startsWith('/v2/') ? 'v2' : 'v1';
    const requestId = `req_${randomBytes(10).toString('base64url').replace(/[-_]/g, 'x').slice(0, 14)}`;
    try {
      return await this.#serve(this.#admit(incoming, version, requestId));
    } catch (error) {
      return this.#reply(incoming, requestId, this.#failure(error, version, requestId));
    }
  }

  /** Settles what is due, as every request does first. */
  settle(): void {
    const now = this.state.clock.now();
    settleDue(this.state, now, (moment) => this.work(moment, null));
    this.state.transact(() => this.#idempotency.forgetOld(now));
  }

  work(now: number, request: Work['request'], fate: Work['fate'] = 'settle'): Work {
    return { state: this.state, now, settlementDelay: this.options.settlementDelay, request, fate };
  }

  /** Key, rate, route, permission, faults: everything that can turn a request away before its parameters matter. */
  #admit(incoming: Incoming, version: ApiVersion, requestId: string): Call {
    const { method, pathname, headers } = incoming;
    const key = authenticate(headers.authorization);
    const found = this.#router.match(method, pathname);
    const wait = this.#limiter.take(found === undefined ? 'unknown' : `${method} ${found.route.path}`);
    if (wait !== undefined) throw rateLimited('rate_limit', wait);
    this.settle();
    if (found === undefined) throw unknownRoute(method, pathname);
    requirePermission(this.state, key, found.route.permission);
    const account = header(incoming, 'stripe-context') ?? header(incoming, 'stripe-account');
    if (account !== undefined && found.route.forAccounts === undefined) {
      throw invalid(undefined, `The embedded Stripe serves ${method} ${pathname} for the platform account only.`);
    }
    const idempotencyKey = method === 'GET' ? null : (header(incoming, 'idempotency-key') ?? null);
    if (idempotencyKey !== null && idempotencyKey.length > LONGEST_KEY) {
      throw invalid(undefined, `Idempotency keys can be at most ${LONGEST_KEY} characters long.`);
    }
    const raw = readParams(incoming, version);
    const faults = this.state.transact(() => takeFaults(this.state, method, pathname));
    const print = fingerprint(method, pathname, raw);
    return { incoming, version, requestId, ...found, account, raw, print, idempotencyKey, faults };
  }

  async #serve(call: Call): Promise<Outgoing> {
    const { faults, version, idempotencyKey, incoming, requestId } = call;
    if (faults.get('drop_before_execute') !== undefined) return this.#afterwards({ kind: 'drop' });
    const release = idempotencyKey === null ? undefined : this.#idempotency.claim(version, idempotencyKey);
    try {
      const delay = faults.get('delay_ms');
      if (delay !== undefined) {
        await sleep(delay.ms);
        this.settle();
      }
      const answer = this.#disguise(call, this.#resolve(call));
      await this.state.durable();
      if (faults.get('drop_after_execute') !== undefined) return { kind: 'drop' };
      const reply = await this.#reply(incoming, requestId, answer);
      const truncated = faults.get('truncated_body') !== undefined && reply.kind === 'reply';
      return truncated ? { ...reply, kind: 'truncated' } : reply;
    } finally {
      release?.();
    }
  }

  /** What was remembered stays as it is; only what goes over the wire claims to be live. */
  #disguise({ faults }: Call, answer: Answer): Answer {
    if (faults.get('wrong_livemode') === undefined) return answer;
    return { ...answer, body: JSON.stringify(flipLivemode(JSON.parse(answer.body))) };
  }

  /** A remembered answer, a fault's answer, or the route's. */
  #resolve(call: Call): Answer {
    const { faults, version, idempotencyKey, print } = call;
    if (faults.get('prune_keys') !== undefined) this.state.transact(() => this.#idempotency.prune());
    if (faults.get('conflict_409') !== undefined) throw inUse(idempotencyKey ?? '');
    const limited = faults.get('rate_limit_429');
    if (limited !== undefined) throw rateLimited('rate_limit', limited.retry_after);
    if (faults.get('lock_timeout_429') !== undefined) throw rateLimited('lock_timeout', 1);
    if (faults.get('error_500_not_stored') !== undefined) throw serverError();
    const now = this.state.clock.now();
    if (idempotencyKey !== null) {
      const known = this.#idempotency.find(version, idempotencyKey, print, now);
      if (known !== undefined) {
        const headers = { 'Idempotent-Replayed': 'true', 'Original-Request': known.request };
        return { status: known.status, body: known.body, headers };
      }
    }
    const broken = faults.get('error_500_stored');
    if (broken !== undefined) return this.#breakDown(call, broken.execute, now);
    return this.#execute(call, now);
  }

  /** Runs the route. The work and the answer remembered for its key are one unit. */
  #execute(call: Call, now: number): Answer {
    try {
      return this.state.transact(() => {
        const body = JSON.stringify(this.#run(call, now));
        const answer = { status: 200, body, headers: {} };
        this.#remember(call, answer, now);
        return answer;
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const answer = this.#failure(error, call.version, call.requestId);
      // v2 attempts failed work anew; v1 remembers every answer of an endpoint that began to work.
      if (error.executed && call.version === 'v1') this.state.transact(() => this.#remember(call, answer, now));
      return answer;
    }
  }

  /** A 500 that v1 remembers, with or without the work having been done. v2 only remembers work that was done. */
  #breakDown(call: Call, execute: boolean, now: number): Answer {
    const answer = this.#failure(serverError(), call.version, call.requestId);
    this.state.transact(() => {
      const done = execute ? { status: 200, body: JSON.stringify(this.#run(call, now)), headers: {} } : undefined;
      if (call.version === 'v1') this.#remember(call, answer, now);
      else if (done !== undefined) this.#remember(call, done, now);
    });
    return answer;
  }

  #run(call: Call, now: number): unknown {
    const { version, incoming, faults, raw, requestId, idempotencyKey } = call;
    const fromBody = version === 'v2' && incoming.method !== 'GET';
    const params = new Params(raw, fromBody ? 'json' : 'form');
    const expansions = version === 'v1' ? (params.texts('expand') ?? []) : [];
    const fate =
      faults.get('payout_fail_later') !== undefined
        ? 'fail'
        : faults.get('payout_return_later') !== undefined
          ? 'return'
          : 'settle';
    const body = call.route.handle({
      work: this.work(now, { id: requestId, idempotencyKey }, fate),
      params,
      path: call.path,
      pathname: incoming.pathname,
      query: incoming.query,
      account: call.account,
    });
    return expand(this.state, body, expansions);
  }

  #remember(call: Call, answer: Answer, now: number): void {
    if (call.idempotencyKey === null) return;
    this.#idempotency.remember(call.version, {
      id: call.idempotencyKey,
      fingerprint: call.print,
      status: answer.status,
      body: answer.body,
      request: call.requestId,
      created: now,
    });
  }

  #failure(error: unknown, version: ApiVersion, requestId: string): Answer {
    if (error instanceof ApiError) {
      return {
        status: error.status,
        body: JSON.stringify(errorBody(error, version, requestId)),
        headers: error.headers,
      };
    }
    this.options.onBug(error);
    return { status: 500, body: JSON.stringify(errorBody(serverError(), version, requestId)), headers: {} };
  }

  async #reply(incoming: Incoming, requestId: string, answer: Answer): Promise<Outgoing> {
    const key = incoming.method === 'GET' ? undefined : header(incoming, 'idempotency-key');
    return this.#afterwards({
      kind: 'reply',
      status: answer.status,
      headers: {
        'Content-Type': 'application/json',
        'Cache-Control': 'no-cache, no-store',
        Date: new Date(this.state.clock.now()).toUTCString(),
        'Request-Id': requestId,
        'Stripe-Version': header(incoming, 'stripe-version') ?? API_VERSION,
        ...(key === undefined ? {} : { 'Idempotency-Key': key }),
        ...answer.headers,
      },
      body: answer.body,
    });
  }

  /** Nothing is answered before what it rests on is on disk. */
  async #afterwards<T extends Outgoing>(outgoing: T): Promise<T> {
    await this.state.durable();
    return outgoing;
  }
}

function serverError(): ApiError {
  return new ApiError(
    500,
    { type: 'api_error', message: 'An unknown error occurred on the embedded Stripe. It was injected, or is a bug.' },
    true,
  );
}

function header(incoming: Incoming, name: string): string | undefined {
  const value = incoming.headers[name];
  const text = Array.isArray(value) ? value[0] : value;
  return text === '' ? undefined : text;
}

function readParams(incoming: Incoming, version: ApiVersion): RawObject {
  try {
    const query = parseForm(incoming.query);
    if (incoming.method === 'GET') return query;
    const body = version === 'v2' ? parseJson(incoming.body) : parseForm(incoming.body);
    return { ...query, ...body };
  } catch (error) {
    if (error instanceof FormError) throw invalid('parameter_invalid', error.message);
    throw error;
  }
}

function parseJson(text: string): RawObject {
  if (text.trim() === '') return {};
  let value: RawValue;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FormError('The request body is not valid JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FormError('The request body must be a JSON object.');
  }
  return value;
}
