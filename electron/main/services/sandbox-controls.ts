/** What a person can do to the sandbox on purpose: failures on demand, movements by "someone in the dashboard". */
import { z } from 'zod';
import type { SandboxFault } from '../../../shared/contract/sandbox';
import { CofferError } from '../../../shared/domain/coffer-error';
import { countOf } from '../../../shared/domain/count-of';
import type { Currency } from '../../../shared/money/money';
import type { OpenBooks } from './open-books';

const OUTBOUND_PAYMENTS = '/v2/money_management/outbound_payments';

/** What each fault means at the embedded Stripe. */
const FAULTS: Readonly<Record<SandboxFault, Readonly<Record<string, string>>>> = {
  'payout-fails': { kind: 'payout_fail_later', method: 'POST', path: OUTBOUND_PAYMENTS },
  'payout-returns': { kind: 'payout_return_later', method: 'POST', path: OUTBOUND_PAYMENTS },
  'connection-drops': { kind: 'drop_after_execute', method: 'POST' },
  'stripe-error': { kind: 'error_500_not_stored', method: 'POST' },
  'rate-limit': { kind: 'rate_limit_429' },
  'stripe-down': { kind: 'drop_before_execute' },
};

const faultList = z.object({
  data: z.array(z.object({ kind: z.string(), times: z.number(), fired: z.number() })),
});

async function control(
  books: OpenBooks,
  method: string,
  path: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const { sandbox } = books.surroundings;
  if (sandbox === null)
    throw new CofferError('sandbox-only', 'This exists in the sandbox only.', 'Change to the sandbox first.');
  const reply = await fetch(`${await sandbox.url()}/_sandbox/${path}`, {
    method,
    headers: { 'x-coffer-sandbox': '1', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await reply.json().catch(() => null);
  if (!reply.ok) {
    throw new CofferError(
      'sandbox-refused',
      'The sandbox did not accept this.',
      'Check that there is enough money for it, and try again.',
    );
  }
  return answer;
}

export async function sandboxStatus(books: OpenBooks) {
  const { sandbox } = books.surroundings;
  if (sandbox === null) return { available: false, url: '', now: '', faults: [] };
  const { data } = faultList.parse(await control(books, 'GET', 'faults'));
  return {
    available: true,
    url: await sandbox.url(),
    now: books.platform().context.stripeNow().toISOString(),
    faults: data
      .filter((row) => row.fired < row.times)
      .map((row) => ({
        kind: row.kind,
        detail: `${countOf(row.times - row.fired, 'time')} left`,
      })),
  };
}

export async function faultOnDemand(books: OpenBooks, fault: SandboxFault, times: number): Promise<void> {
  await control(books, 'POST', 'faults', { ...FAULTS[fault], times });
}

export async function clearFaults(books: OpenBooks): Promise<void> {
  await control(books, 'DELETE', 'faults');
}

export async function playDashboard(
  books: OpenBooks,
  move: { readonly currency: string; readonly amount: bigint },
): Promise<void> {
  await control(books, 'POST', 'dashboard/transfer', {
    from: 'storage',
    to: 'payments',
    amount: String(move.amount),
    currency: move.currency,
  });
}

export async function outsideMove(books: OpenBooks, currency: Currency, amount: bigint): Promise<void> {
  await control(books, 'POST', 'dashboard/payout', { amount: String(amount), currency });
}
