/** The coverage equation as it is now: Storage against what is owed, its difference split into explained and unexplained. Minor units. */
import type { ExplainedPart } from '../../../shared/contract/balances';
import { coverageBps, coverageDifference, splitBand } from '../../../shared/period/coverage';
import { storageDrift } from '../conservation';
import type { ServiceContext } from '../context';
import { accruing, type Obligations, totalOwed } from '../fund-tracking';
import { bookParts } from './equation';
import { owedParts } from './owed-parts';
import type { Equation, Reading } from './snapshots';

/** The coverage equation of every currency that Stripe or the ledger knows. */
export async function coverage(
  context: ServiceContext,
  reading: Reading,
  obligations: Obligations,
): Promise<Equation[]> {
  const owed = totalOwed(obligations);
  const parts = await owedParts(context, obligations);
  const currencies = new Set<string>([...reading.balances.map((one) => one.currency), ...owed.keys()]);
  return Promise.all(
    [...currencies].sort().map(async (code) => {
      const one = reading.balances.find((candidate) => candidate.currency === code);
      const terms = {
        storageAvailable: one?.storageAvailable ?? 0n,
        inboundPending: one?.storageInbound ?? 0n,
        outboundPending: one?.storageOutbound ?? 0n,
        owed: owed.get(code) ?? 0n,
      };
      const difference = coverageDifference(terms);
      const { explained, unexplained, ...madeOf } = await explain(
        context,
        code,
        terms,
        obligations.sums.get(code)?.openPeriod ?? 0n,
      );
      const payments = (one?.paymentsAvailable ?? 0n) + (one?.paymentsPending ?? 0n);
      const split = splitBand(payments, terms.storageAvailable);
      const view = {
        currency: code,
        paymentsAvailable: String(one?.paymentsAvailable ?? 0n),
        paymentsPending: String(one?.paymentsPending ?? 0n),
        storageAvailable: String(terms.storageAvailable),
        inboundPending: String(terms.inboundPending),
        outboundPending: String(terms.outboundPending),
        owed: String(terms.owed),
        owedParts: parts.get(code) ?? [],
        difference: String(difference),
        explained,
        unexplained: String(unexplained),
        coverageBps: coverageBps(terms),
        paymentsShareBps: split.shareBps,
        band: split.band,
      };
      return { view, ...madeOf };
    }),
  );
}

/**
 * Splits storage − owed. Our books say what Storage should hold; the part of the difference that they explain is named, what
 * Stripe holds beyond or below them is unexplained. Movements under way may be on either side and explain themselves.
 */
async function explain(
  context: ServiceContext,
  code: string,
  terms: { storageAvailable: bigint; inboundPending: bigint; outboundPending: bigint; owed: bigint },
  accrued: bigint,
): Promise<{ explained: ExplainedPart[]; unexplained: bigint } & Omit<Equation, 'view'>> {
  const { storageAvailable: available, inboundPending: inbound, outboundPending: outbound } = terms;
  const drift = await storageDrift(context, code, { available, inbound, outbound });
  const month = (await accruing(context.store))?.period ?? null;
  const explained = [...drift.parts, ...bookParts({ books: drift.books, owed: terms.owed, accrued, month })];
  return { explained, unexplained: drift.unexplained + drift.exceptions, books: drift.books, accrued, month };
}
