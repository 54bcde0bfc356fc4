/** Verifies one movement at both ends. Amounts in minor units. */

import { grouped } from '../../../shared/money/amount-text';
import { currency as toCurrency } from '../../../shared/money/money';
import type { StripeLine } from '../../rails/segregation-rail';
import type { ServiceContext } from '../context';
import { readBalancesOf } from '../stripe-storage-balance';

/** Watches both balances around one movement, taking account of lines that come in meanwhile. */
export class BalanceWatch {
  readonly #context: ServiceContext;
  readonly #currency: string;
  readonly #since: Date;
  readonly #before: { payments: bigint; storage: bigint } | null;
  readonly #known: ReadonlySet<string>;

  private constructor(
    context: ServiceContext,
    currency: string,
    since: Date,
    before: { payments: bigint; storage: bigint } | null,
    known: ReadonlySet<string>,
  ) {
    this.#context = context;
    this.#currency = currency;
    this.#since = since;
    this.#before = before;
    this.#known = known;
  }

  /** `resumed`: the movement may have happened already, so a comparison of before and after would mean nothing. */
  static async begin(context: ServiceContext, currency: string, resumed: boolean): Promise<BalanceWatch> {
    const since = new Date(context.stripeNow().getTime() - 300_000);
    if (resumed || !context.rail.capabilities.segregatedAtStripe)
      return new BalanceWatch(context, currency, since, null, new Set());
    const known = new Set((await readLines(context, currency, since)).map(lineKey));
    return new BalanceWatch(context, currency, since, await totals(context, currency), known);
  }

  /** Null when Payments fell and Storage rose by exactly `amount`, other lines accounted for; else what does not fit. */
  async verify(amount: bigint, stripeObject: string | null): Promise<string | null> {
    const before = this.#before;
    if (before === null) return null;
    for (let tries = 0; ; tries++) {
      const fresh = (await readLines(this.#context, this.#currency, this.#since)).filter(
        (line) => !this.#known.has(lineKey(line)),
      );
      const after = await totals(this.#context, this.#currency);
      const side = (name: StripeLine['side']) => fresh.filter((line) => line.side === name);
      const sum = (lines: readonly StripeLine[]): bigint => lines.reduce((total, line) => total + line.amount, 0n);
      const ours = (lines: readonly StripeLine[]): bigint => sum(lines.filter((line) => line.source === stripeObject));
      const fits =
        ours(side('payments')) === -amount &&
        ours(side('storage')) === amount &&
        after.payments - before.payments === sum(side('payments')) &&
        after.storage - before.storage === sum(side('storage'));
      if (fits) return null;
      if (tries >= 20) {
        const code = toCurrency(this.#currency);
        return `The balances do not show the movement of ${grouped(amount, code)}: Payments changed by ${grouped(after.payments - before.payments, code)}, Storage by ${grouped(after.storage - before.storage, code)}. Nothing further was moved.`;
      }
      await this.#context.sleep(50 * (tries + 1));
    }
  }
}

function lineKey(line: StripeLine): string {
  return `${line.side}:${line.stripeId}`;
}

async function readLines(context: ServiceContext, currency: string, since: Date): Promise<StripeLine[]> {
  const lines: StripeLine[] = [];
  for await (const line of context.rail.lines(since, new Date(context.stripeNow().getTime() + 86_400_000))) {
    if (line.currency === currency) lines.push(line);
  }
  return lines;
}

async function totals(context: ServiceContext, currency: string): Promise<{ payments: bigint; storage: bigint }> {
  const one = await readBalancesOf(context, toCurrency(currency));
  return {
    payments: one.paymentsAvailable + one.paymentsPending,
    // Lines show a payout when it leaves available, so outbound is not part of what they sum to.
    storage: one.storageAvailable + one.storageInbound,
  };
}
