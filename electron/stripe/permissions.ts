/** What a key may do, tried out as far as that is possible without moving anything. */
import type { StripeClient } from './client';
import { type StripeProblem, StripeUnavailable } from './errors';
import { anything } from './objects';

export interface Permission {
  readonly resource: string;
  readonly access: 'granted' | 'refused' | 'not-tested';
  readonly neededFor: string;
}

type Rail = 'financial-account' | 'earmark';

interface Probe {
  readonly resource: string;
  readonly path: string;
  readonly neededFor: string;
  /** Absent: both rails. */
  readonly rail?: Rail;
}

const READS: readonly Probe[] = [
  { resource: 'Balance (read)', path: '/v1/balance', neededFor: 'showing the Payments balance' },
  { resource: 'Balance transactions (read)', path: '/v1/balance_transactions?limit=1', neededFor: 'reconciliation' },
  {
    resource: 'Balance settings (read)',
    path: '/v1/balance_settings',
    neededFor: 'finding automatic payouts and transfer rules',
  },
  { resource: 'Payouts (read)', path: '/v1/payouts?limit=1', neededFor: 'following money from Payments to Storage' },
  {
    resource: 'Transfers (read)',
    path: '/v1/transfers?limit=1',
    neededFor: 'following transfers to creators',
    rail: 'earmark',
  },
  {
    resource: 'Connected accounts (read)',
    path: '/v1/accounts?limit=1',
    neededFor: 'checking that creators can be paid',
  },
  { resource: 'Events (read)', path: '/v1/events?limit=1', neededFor: 'noticing changes at Stripe' },
  {
    resource: 'Financial accounts (read)',
    path: '/v2/money_management/financial_accounts?limit=1',
    neededFor: 'showing the Storage balance',
    rail: 'financial-account',
  },
  {
    resource: 'Outbound payments (read)',
    path: '/v2/money_management/outbound_payments?limit=1',
    neededFor: 'following payouts to creators',
    rail: 'financial-account',
  },
  {
    resource: 'Received credits (read)',
    path: '/v2/money_management/received_credits?limit=1',
    neededFor: 'seeing money arrive in Storage',
    rail: 'financial-account',
  },
  {
    resource: 'Financial account transactions (read)',
    path: '/v2/money_management/transactions?limit=1',
    neededFor: 'reconciliation of Storage',
    rail: 'financial-account',
  },
  {
    resource: 'Accounts v2 (read)',
    path: '/v2/core/accounts?limit=1',
    neededFor: 'checking that creators can be paid from Storage',
    rail: 'financial-account',
  },
];

/** Trying a write would move money, so these are named and not tested. */
const WRITES: readonly (Omit<Permission, 'access'> & { readonly rail: Rail })[] = [
  { resource: 'Payouts (write)', neededFor: 'moving money from Payments to Storage', rail: 'financial-account' },
  { resource: 'Outbound payments (write)', neededFor: 'paying creators from Storage', rail: 'financial-account' },
  { resource: 'Transfers (write)', neededFor: 'paying creators', rail: 'earmark' },
];

/** Tries every read the rail needs. Throws `StripeUnavailable` when Stripe cannot be reached or rejects the key. */
export async function readPermissions(client: StripeClient, rail: Rail): Promise<Permission[]> {
  const needed = READS.filter((probe) => probe.rail === undefined || probe.rail === rail);
  return Promise.all(
    needed.map(async ({ resource, path, neededFor }) => ({ resource, neededFor, access: await probe(client, path) })),
  );
}

export function writePermissions(rail: Rail): Permission[] {
  return WRITES.filter((write) => write.rail === rail).map(({ resource, neededFor }) => ({
    resource,
    neededFor,
    access: 'not-tested',
  }));
}

async function probe(client: StripeClient, path: string): Promise<Permission['access']> {
  try {
    await client.read(path, {}, anything);
    return 'granted';
  } catch (error) {
    if (!(error instanceof StripeUnavailable)) throw error;
    const access = accessOf(error.problem);
    if (access === null) throw error;
    return access;
  }
}

function accessOf(problem: StripeProblem): Permission['access'] | null {
  switch (problem.kind) {
    case 'permission':
      return 'refused';
    // Stripe answered, but about something else (a feature that is not enabled): no word on the permission.
    case 'refused':
    case 'not-found':
      return 'not-tested';
    default:
      return null;
  }
}
