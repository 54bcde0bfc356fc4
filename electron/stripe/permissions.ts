/**
 * What a key may do, for each thing Coffer does with it: reads are read once, writes are asked for in a way that Stripe
 * cannot carry out.
 *
 * A write is probed by the request Coffer would send, without a single parameter. Stripe cannot make an object of it: a
 * payout has no amount and no currency, an outbound payment neither amount, source nor recipient, a transfer no currency
 * and no destination, all of them required (`PayoutCreateParams`, `OutboundPaymentCreateParams`, `TransferCreateParams`
 * of the package). So Stripe answers 403 when the key may not write there, and 400 for the missing parameter when it may.
 * Stripe documents that a restricted key is refused for the whole endpoint, but not in so many words that it is refused
 * before the parameters are looked at: should that ever change, the answer would be "granted" for a key that is refused
 * when money is to move. That moves nothing either, and preflight reports it.
 */
import { randomUUID } from 'node:crypto';
import type { PermissionView } from '../../shared/contract/secrets';
import type { Reply, StripeClient } from './client';
import { anything } from './objects';
import { type StripeProblem, StripeUnavailable } from './problem';

type Access = PermissionView['access'];
type Rail = 'financial-account' | 'earmark';

interface Need {
  readonly kind: PermissionView['kind'];
  readonly resource: string;
  readonly path: string;
  /** Completes "Coffer can …". */
  readonly does: string;
  /** Absent: both rails. */
  readonly rail?: Rail;
}

const NEEDS: readonly Need[] = [
  { kind: 'read', resource: 'Balance (read)', path: '/v1/balance', does: 'show the Payments balance' },
  {
    kind: 'read',
    resource: 'Balance transactions (read)',
    path: '/v1/balance_transactions?limit=1',
    does: 'reconcile Payments line by line',
  },
  {
    kind: 'read',
    resource: 'Balance settings (read)',
    path: '/v1/balance_settings',
    does: 'find automatic payouts and transfer rules that would move money by themselves',
  },
  {
    kind: 'read',
    resource: 'Payouts (read)',
    path: '/v1/payouts?limit=1',
    does: 'follow money from Payments to Storage',
  },
  {
    kind: 'read',
    resource: 'Transfers (read)',
    path: '/v1/transfers?limit=1',
    does: 'follow transfers to creators',
    rail: 'earmark',
  },
  {
    kind: 'read',
    resource: 'Connected accounts (read)',
    path: '/v1/accounts?limit=1',
    does: 'check that creators can be paid',
  },
  { kind: 'read', resource: 'Events (read)', path: '/v1/events?limit=1', does: 'notice changes at Stripe' },
  {
    kind: 'read',
    resource: 'Financial accounts (read)',
    path: '/v2/money_management/financial_accounts?limit=1',
    does: 'show the Storage balance',
    rail: 'financial-account',
  },
  {
    kind: 'read',
    resource: 'Outbound payments (read)',
    path: '/v2/money_management/outbound_payments?limit=1',
    does: 'follow payouts to creators',
    rail: 'financial-account',
  },
  {
    kind: 'read',
    resource: 'Received credits (read)',
    path: '/v2/money_management/received_credits?limit=1',
    does: 'see money arrive in Storage',
    rail: 'financial-account',
  },
  {
    kind: 'read',
    resource: 'Financial account transactions (read)',
    path: '/v2/money_management/transactions?limit=1',
    does: 'reconcile Storage line by line',
    rail: 'financial-account',
  },
  {
    kind: 'read',
    resource: 'Accounts v2 (read)',
    path: '/v2/core/accounts?limit=1',
    does: 'check that creators can be paid from Storage',
    rail: 'financial-account',
  },
  {
    kind: 'write',
    resource: 'Payouts (write)',
    path: '/v1/payouts',
    does: 'move money from Payments to Storage',
    rail: 'financial-account',
  },
  {
    kind: 'write',
    resource: 'Outbound payments (write)',
    path: '/v2/money_management/outbound_payments',
    does: 'pay creators from Storage',
    rail: 'financial-account',
  },
  { kind: 'write', resource: 'Transfers (write)', path: '/v1/transfers', does: 'pay creators', rail: 'earmark' },
];

/**
 * Tries everything the rail needs; moves nothing. Throws `StripeUnavailable` when Stripe cannot be reached, rejects the
 * key, or (which it never may) takes a request without parameters for an order.
 */
export async function permissionsOf(client: StripeClient, rail: Rail): Promise<PermissionView[]> {
  const needed = NEEDS.filter((need) => need.rail === undefined || need.rail === rail);
  return Promise.all(
    needed.map(async (need) => {
      const access = need.kind === 'read' ? await tryRead(client, need.path) : await tryWrite(client, need.path);
      const { kind, resource, does } = need;
      return { kind, resource, access, does, meaning: meaningOf(access, does) };
    }),
  );
}

function meaningOf(access: Access, does: string): string {
  switch (access) {
    case 'granted':
      return `Coffer can ${does}.`;
    case 'refused':
      return `Coffer cannot ${does}.`;
    case 'not-tested':
      return `Stripe’s answer does not say whether Coffer can ${does}.`;
  }
}

async function tryRead(client: StripeClient, path: string): Promise<Access> {
  try {
    await client.read(path, {}, anything);
    return 'granted';
  } catch (error) {
    if (!(error instanceof StripeUnavailable)) throw error;
    switch (error.problem.kind) {
      case 'permission':
        return 'refused';
      // Stripe answered, but about something else (a feature that is not enabled): no word on the permission.
      case 'refused':
      case 'not-found':
        return 'not-tested';
      default:
        throw error;
    }
  }
}

const PROBE_ATTEMPTS = 3;

async function tryWrite(client: StripeClient, path: string): Promise<Access> {
  for (let attempt = 1; ; attempt += 1) {
    // A new key each time: no movement of ours can ever meet it.
    const reply: Reply = await client.post(path, {}, `coffer-permission-probe-${randomUUID()}`);
    if (reply.ok) throw new StripeUnavailable(tookNothingForAnOrder(path, reply.requestId));
    if (reply.problem.kind !== 'not-now' || attempt >= PROBE_ATTEMPTS) return writeAccess(reply.problem);
  }
}

/** Codes by which Stripe says that it looked at the parameters and found none. */
const ABOUT_PARAMETERS = /^parameter_|^invalid_request_error$|(missing|invalid|required).*(field|param)/;

function writeAccess(problem: StripeProblem): Access {
  switch (problem.kind) {
    case 'permission':
      return 'refused';
    case 'refused':
      return ABOUT_PARAMETERS.test(problem.code) ? 'granted' : 'not-tested';
    case 'auth':
    case 'wrong-mode':
      throw new StripeUnavailable(problem);
    // No answer to a request that names nothing: nothing can have moved, and nothing was learned.
    case 'not-now':
    case 'unknown':
    case 'unavailable':
    case 'not-found':
      return 'not-tested';
  }
}

function tookNothingForAnOrder(path: string, requestId: string | null): StripeProblem {
  return {
    kind: 'unavailable',
    code: 'probe-accepted',
    message: `Stripe accepted a request to ${path} that named neither an amount nor a recipient, while Coffer tried the key’s permissions.`,
    hint: 'Look in the Stripe dashboard under Developers → Logs for what it made of it, and report this to Coffer’s support.',
    requestId,
    retryAfterMs: null,
  };
}
