/** The names of what explains the difference between Storage and what is owed: the same for now and for any time before. Minor units. */
import type { ExplainedPart } from '../../../shared/contract/balances';
import { max, min } from '../../../shared/money/money';

type Named = readonly [name: string, detail: string, amount: bigint, screen?: string];

function named(...parts: readonly Named[]): ExplainedPart[] {
  return parts
    .filter(([, , amount]) => amount !== 0n)
    .map(([name, detail, amount, screen]) => ({
      name,
      detail,
      amount: String(amount),
      ...(screen === undefined ? {} : { screen }),
    }));
}

export const UNDER_WAY = 'Movements under way';
export const BOOKED_SINCE = 'Booked since the reading';

/** What Stripe has beyond (or, negative, below) the books, as far as it has a name. */
export function stripeParts({ notAdopted, moving }: { readonly notAdopted: bigint; readonly moving: bigint }) {
  return named(
    ['Not taken over yet', 'Waits for payments that were under way before Coffer took over', notAdopted],
    [UNDER_WAY, 'Sent to Stripe, outcome not recorded yet', moving],
  );
}

/** What a reading could not show yet, because it was written down after it. `amount` is what that takes from the difference. */
export function sinceReading(amount: bigint) {
  return named([
    BOOKED_SINCE,
    'Written down while the balances were read, or after; the next reading shows it',
    amount,
  ]);
}

export interface Books {
  /** What the ledger says Storage holds, movements under way included. */
  readonly books: bigint;
  readonly owed: bigint;
  /** Of `owed`: earned so far in `month`, which is not calculated yet. */
  readonly accrued: bigint;
  readonly month: string | null;
}

/** What Storage holds by the books beyond (or below) what is owed; sums to `books` − `owed`. */
export function bookParts({ books, owed, accrued, month }: Books): ExplainedPart[] {
  const byBooks = books - owed;
  const monthEnd = month === null ? 'month-end' : `month-end?period=${month}`;
  if (byBooks >= 0n) {
    return named([
      'To be returned to Payments',
      'In Storage beyond what is owed: fee or lapsed funds not released yet',
      byBooks,
      monthEnd,
    ]);
  }
  const openMonth = min(-byBooks, max(accrued, 0n));
  return named(
    [
      `${month ?? 'Open month'} not funded yet`,
      'Earned in that month; moved to Storage at its month end or before',
      -openMonth,
      monthEnd,
    ],
    [
      'Earlier obligations not in Storage',
      'Owed from earlier months and still in Payments: migrate, or fund at month end',
      byBooks + openMonth,
      'migration',
    ],
  );
}
