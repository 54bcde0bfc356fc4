/** What comes after a month: more rows of the same platform, a payout that Stripe sends back. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bench, datasetLike, FIXTURES } from './platform';

export interface MoreRows {
  readonly payments?: string;
  readonly allocations?: string;
  /** What is corrected in the rows that were there. */
  readonly corrected?: (rows: string) => string;
}

/** The same platform's data later: what was there, and more rows. */
export async function later(name: string, { payments = '', allocations = '', corrected }: MoreRows): Promise<string> {
  const old = async (file: string): Promise<string> => {
    const rows = (await readFile(join(FIXTURES, name, file), 'utf8')).replaceAll('\r\n', '\n');
    return corrected === undefined ? rows : corrected(rows);
  };
  return datasetLike(name, {
    'payments.csv': (await old('payments.csv')) + payments,
    'allocations.csv': (await old('allocations.csv')) + allocations,
  });
}

/** A payment of 100.00 in the month and 50.00 of it allocated to c4, who is owed 46.50 for it and was paid 91.14 in October. */
export function rowsOfC4(month: string): Promise<string> {
  return later('worked', {
    payments: `p90,s001,${month},usd,10000,0,succeeded,2026-11-03T10:00:00Z\n`,
    allocations: `a90,s001,c4,${month},usd,5000,active,2026-11-03T10:00:00Z\n`,
  });
}

/** Stripe sends the first payout to c4 back, 91.14 USD; the books hear of it when movements are followed. */
export async function returnPayoutOfC4(one: Bench): Promise<void> {
  const payout = (await one.stripe.outboundPayments()).find((row) => row.recipient === 'acct_c4');
  await one.stripe.control('POST', `outbound_payments/${payout?.id}/return`, {});
}
