/** How the payouts of a period came out, per currency, and why some did not arrive. */
import type { Period } from '../../../shared/period/period';
import type { Queries, Store } from '../../store/store';
import { payRun } from '../stripe-transfer';
import type { PayOutcomes } from '../worker/store-jobs';
import { kept, workerOf } from '../worker/store-worker';

/** Made once for each state of the books. */
export async function payOutcomes(store: Store, period: Period): Promise<PayOutcomes> {
  return kept(store, 'pay-outcomes', `${period} ${await store.state('books')}`, async () => {
    const worker = await workerOf(store);
    return worker === null ? readPayOutcomes(store.db, period) : worker.run('pay-outcomes', { period });
  });
}

const ENDED = ['failed', 'returned', 'canceled'];
const UNDER_WAY = ['planned', 'sending', 'processing'];

export async function readPayOutcomes(db: Queries, period: string): Promise<PayOutcomes> {
  const outcomes = new Map<string, CurrencyOutcome>();
  const causes = new Map<string, Cause>();
  for (const { currency, amount, state, message, code } of await latestPayouts(db, period)) {
    const of = outcomes.get(currency) ?? new CurrencyOutcome(currency);
    outcomes.set(currency, of);
    of.add(state, amount);
    if (!ENDED.includes(state)) continue;
    const text = message ?? code ?? 'No reason was given';
    const cause = causes.get(text) ?? { count: 0, amounts: new Map<string, bigint>() };
    causes.set(text, cause);
    cause.count += 1;
    cause.amounts.set(currency, (cause.amounts.get(currency) ?? 0n) + amount);
  }
  return {
    outcomes: [...outcomes.values()].map((one) => one.view()),
    causes: [...causes].map(([cause, { count, amounts }]) => ({
      cause,
      count,
      amounts: [...amounts].map(([currency, amount]) => ({ currency, amount: String(amount) })),
      nextAction: 'Retry on the Payouts screen once the cause is cleared, or leave the amounts to the next month.',
    })),
  };
}

interface Cause {
  count: number;
  readonly amounts: Map<string, bigint>;
}

/** Counts, and sums in minor units. */
class CurrencyOutcome {
  readonly #currency: string;
  #planned = { count: 0, amount: 0n };
  #posted = { count: 0, amount: 0n };
  #failed = { count: 0, amount: 0n };
  #processing = 0;
  #unknown = 0;

  constructor(currency: string) {
    this.#currency = currency;
  }

  add(state: string, amount: bigint): void {
    const parts = [
      this.#planned,
      ...(state === 'posted' ? [this.#posted] : []),
      ...(ENDED.includes(state) ? [this.#failed] : []),
    ];
    for (const part of parts) {
      part.count += 1;
      part.amount += amount;
    }
    if (UNDER_WAY.includes(state)) this.#processing += 1;
    if (state === 'unknown') this.#unknown += 1;
  }

  view(): PayOutcomes['outcomes'][number] {
    return {
      currency: this.#currency,
      planned: this.#planned.count,
      posted: this.#posted.count,
      processing: this.#processing,
      failed: this.#failed.count,
      unknown: this.#unknown,
      plannedAmount: String(this.#planned.amount),
      postedAmount: String(this.#posted.amount),
      failedAmount: String(this.#failed.amount),
    };
  }
}

/** Of each creator and currency the one that was written last: a retry stands for what it repeats. */
async function latestPayouts(db: Queries, period: string) {
  const rows = await db
    .selectFrom('intent_state')
    .innerJoin('intent', 'intent.intent_id', 'intent_state.intent_id')
    .select(['intent.subject', 'intent.currency', 'intent.amount'])
    .select(['intent_state.state', 'intent_state.message', 'intent_state.code'])
    .where('intent_state.run', '=', payRun(period))
    .orderBy('intent.created_at')
    .orderBy('intent.intent_id')
    .execute();
  return new Map(rows.map((row) => [row.subject, row])).values();
}
