/**
 * A year for tests: the embedded Stripe's own state and API behind HTTP, real books, and one clock that only moves when it is told.
 * Stripe's side can be given what its API has no call for: a line altered, repeated, withheld from the lists or taken out.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StripeApi } from '../../electron/sandbox/api';
import { type Incoming, listen, type Outgoing } from '../../electron/sandbox/http/listener';
import type { Work } from '../../electron/sandbox/operations/work';
import { applySeed, type SandboxSeed } from '../../electron/sandbox/seed';
import { SandboxState } from '../../electron/sandbox/state/state';
import type { ServiceContext } from '../../electron/services/context';
import { openPlatform, type Platform } from '../../electron/services/platform';

export type Side = 'payments' | 'storage';

export class World {
  now: number;
  /** Lines that Stripe's lists do not show. */
  readonly withheld = new Set<string>();
  readonly #clean: (() => Promise<unknown>)[] = [];
  #state: SandboxState | undefined;
  #api: StripeApi | undefined;
  #platform: Platform | undefined;

  private constructor(start: number) {
    this.now = start;
  }

  static async open(start: number, seed: SandboxSeed): Promise<World> {
    const world = new World(start);
    const now = (): Date => new Date(world.now);
    const state = await SandboxState.open({ file: undefined, now, seed: (fresh) => applySeed(fresh, seed) });
    const api = new StripeApi(state, {
      settlementDelay: 0,
      rateLimit: null,
      onBug: (error) => {
        throw error;
      },
    });
    const listener = await listen(
      0,
      async (incoming) => world.#show(incoming, await api.answer(incoming)),
      () => {},
    );
    world.#state = state;
    world.#api = api;
    const folder = await mkdtemp(join(tmpdir(), 'coffer-history-'));
    world.#platform = await openPlatform({
      storePath: join(folder, 'coffer.db'),
      mode: 'sandbox',
      baseUrl: `http://127.0.0.1:${listener.port}`,
      key: async () => 'sk_test_history0000000000000000',
      actor: () => 'Accountant',
      publish: () => {},
      now,
    });
    world.#clean.push(
      () => listener.close(),
      () => rm(folder, { recursive: true, force: true }),
    );
    return world;
  }

  get context(): ServiceContext {
    if (this.#platform === undefined) throw new Error('The books are closed');
    return this.#platform.context;
  }

  get state(): SandboxState {
    if (this.#state === undefined) throw new Error('There is no Stripe');
    return this.#state;
  }

  /** Does something at Stripe, a second after what was before. */
  atStripe<T>(act: (work: Work) => T): T {
    this.now += 1_000;
    const api = this.#api;
    if (api === undefined) throw new Error('There is no Stripe');
    api.settle();
    return this.state.transact(() => act(api.work(this.now, null)));
  }

  /** Both balances by currency as Stripe counts them now: pending money and money on its way in included. */
  closings(): Map<string, bigint> {
    this.#api?.settle();
    const { balances } = this.state;
    return new Map(
      balances.currencies().flatMap((currency): [string, bigint][] => [
        [
          `payments:${currency}`,
          balances.get('payments_available', currency) + balances.get('payments_pending', currency),
        ],
        [
          `storage:${currency}`,
          balances.get('storage_available', currency) + balances.get('storage_inbound', currency),
        ],
      ]),
    );
  }

  async close(): Promise<void> {
    await this.#platform?.close();
    for (const clean of this.#clean) await clean();
  }

  #show(incoming: Incoming, outgoing: Outgoing): Outgoing {
    const lists = ['/v1/balance_transactions', '/v2/money_management/transactions'];
    if (this.withheld.size === 0 || outgoing.kind !== 'reply' || !lists.includes(incoming.pathname)) return outgoing;
    const body: { data?: { id: string }[] } = JSON.parse(outgoing.body);
    if (body.data === undefined) return outgoing;
    return {
      ...outgoing,
      body: JSON.stringify({ ...body, data: body.data.filter((row) => !this.withheld.has(row.id)) }),
    };
  }
}
