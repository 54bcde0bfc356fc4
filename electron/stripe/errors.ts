/**
 * Everything Stripe or the network can answer, as one closed union in the words of a finance person.
 *
 * The rule behind it: a POST is only called refused when Stripe itself said so in a whole, readable reply. A broken
 * connection, a time-out, a server error or a reply that cannot be read leaves the outcome *unknown*.
 */
import Stripe from 'stripe';
import type { StripeProblem } from './problem';

/** What the wire showed of one call, whatever the package made of it. */
export interface CallFacts {
  status: number | null;
  requestId: string | null;
  retryAfterMs: number | null;
  /** Stripe's `Stripe-Rate-Limited-Reason`: which limit was hit. */
  rateLimitedReason: string | null;
  /** The reply was stored earlier under this idempotency key and is repeated. */
  replayed: boolean;
}

export function noFacts(): CallFacts {
  return { status: null, requestId: null, retryAfterMs: null, rateLimitedReason: null, replayed: false };
}

export type Method = 'GET' | 'POST';

interface Words {
  readonly message: string;
  readonly hint: string;
}

/** Refusals worth words of our own; any other shows Stripe's message. */
const REFUSALS: ReadonlyMap<string, Words> = new Map([
  [
    'balance_insufficient',
    {
      message: 'The Payments balance does not hold enough settled money for this amount.',
      hint: 'Wait until pending money settles, or lower the amount. Money that is still pending cannot be moved.',
    },
  ],
  [
    'insufficient_funds',
    {
      message: 'The Storage balance does not hold enough available money for this payout.',
      hint: 'Fund Storage first, then retry the payout in a new batch.',
    },
  ],
  [
    'insufficient_capabilities_for_transfer',
    {
      message: 'Stripe does not allow transfers to this creator’s account.',
      hint: 'Ask the creator to finish the verification Stripe requires, then retry.',
    },
  ],
  [
    'capability_not_enabled',
    {
      message: 'Stripe does not allow payouts to this creator’s account.',
      hint: 'Ask the creator to finish the verification Stripe requires, then retry.',
    },
  ],
  [
    'feature_not_enabled',
    {
      message: 'This Stripe account is not enabled for moving money from a financial account.',
      hint: 'Ask Stripe to enable it, or use the earmark way of keeping money apart.',
    },
  ],
  [
    'financial_account_not_open',
    {
      message: 'The financial account that holds Storage is not open.',
      hint: 'Look at Balances in the Stripe dashboard; Stripe may have asked for information.',
    },
  ],
  [
    'quota_exceeded',
    {
      message: 'Stripe’s limit for outgoing payments of this account is used up.',
      hint: 'Wait for the limit to renew, or ask Stripe to raise it, then retry in a new batch.',
    },
  ],
  [
    'blocked_by_stripe',
    {
      message: 'Stripe blocked this payout.',
      hint: 'Ask Stripe support why, naming the request id. Do not pay the creator another way before you know.',
    },
  ],
  [
    'recipient_not_notifiable',
    {
      message: 'Stripe has to notify the creator of this payout, but has no address to write to.',
      hint: 'Have the creator’s e-mail address added to their Stripe account, then retry.',
    },
  ],
  [
    'invalid_payout_method',
    {
      message: 'The creator’s bank account or card cannot be used for this payout.',
      hint: 'Ask the creator to check the payout details in their Stripe account, then retry.',
    },
  ],
  ['not_cancelable', { message: 'This movement is too far along to be cancelled.', hint: 'Wait for its outcome.' }],
  ['already_canceled', { message: 'This movement is already cancelled.', hint: 'Refresh to see its state.' }],
  [
    'idempotency_error',
    {
      message:
        'Coffer asked Stripe for two different things under one and the same key. This is an error in Coffer, and Stripe did not act on this request; an earlier request with that key may have moved money.',
      hint: 'Do not pay this again by hand. Look the movement up at Stripe and report this to Coffer’s support.',
    },
  ],
  [
    'account_invalid',
    {
      message: 'The connected account does not exist or no longer belongs to this platform.',
      hint: 'Correct the creator’s Stripe account, then retry.',
    },
  ],
]);

/** Types of v2 errors that are refusals whatever their HTTP status. */
const V2_REFUSALS: ReadonlySet<string> = new Set([
  'already_canceled',
  'blocked_by_stripe',
  'cannot_proceed',
  'capability_not_enabled',
  'controlled_by_alternate_resource',
  'feature_not_enabled',
  'financial_account_not_open',
  'fx_quote_needs_refresh',
  'insufficient_funds',
  'invalid_payment_method',
  'invalid_payout_method',
  'invalid_vaulted_credential',
  'not_cancelable',
  'quota_exceeded',
  'recipient_not_notifiable',
  'temporary_session_expired',
  'verification_attempt_failed',
  'verification_expired',
  'verification_not_initiated',
]);

const DEFAULT_RETRY_MS = 1_000;
const LOOK_UP_HINT = 'Nothing is lost: Coffer looks it up at Stripe before anything is sent again.';

/** Maps whatever a call threw. `facts` are what the wire showed. */
export function problemOf(error: unknown, method: Method, facts: CallFacts): StripeProblem {
  if (!(error instanceof Stripe.errors.StripeError)) {
    const detail = error instanceof Error ? error.message : String(error);
    return lost('unexpected', `The call to Stripe ended in an unexpected way (${detail}).`, method, facts);
  }
  if (error instanceof Stripe.errors.StripeConnectionError) return brokenCall(error, method, facts);

  // Only an error that Stripe wrote carries a status; a page of some proxy, whatever its status, says nothing of Stripe.
  const status = error.statusCode ?? null;
  if (status === null) return unreadable(method, { ...facts, requestId: error.requestId ?? facts.requestId });
  const type = error.rawType === undefined ? '' : String(error.rawType);
  const code = error.code ?? (type === '' ? 'error' : type);
  const known = { ...facts, requestId: error.requestId ?? facts.requestId };

  // A request with this key is being worked on right now: it may be about to move the money, so this is not "later,
  // nothing happened" but an unknown outcome, which is settled by repeating the same key or by looking it up.
  if (code === 'idempotency_key_in_use') return conflict(code, error.message, method, known);
  if (type === 'idempotency_error' || code === 'idempotency_error') {
    return declined('refused', 'idempotency_error', error.message, known);
  }
  if (status === 429 || code === 'rate_limit' || type === 'rate_limit' || code === 'lock_timeout') {
    return notNow(code === 'lock_timeout' ? 'lock_timeout' : 'rate_limit', known);
  }
  if (status === 401) return keyRejected(known);
  if (V2_REFUSALS.has(type)) return declined('refused', type, error.message, known);
  // Stripe answers 403 for a connected account it does not know or that left the platform: no matter of the key.
  if (code === 'account_invalid') return declined('not-found', code, error.message, known);
  if (status === 403) return permissionMissing(error.message, known);
  if (status === 404) return declined('not-found', code, error.message, known);
  if (status === 409) return conflict(code, error.message, method, known);
  if (status < 400 || status >= 500) return serverError(method, known);
  return declined('refused', code, error.message, known);
}

/** A reply that arrived whole but makes no sense: no error, no success. */
export function unreadable(method: Method, facts: CallFacts): StripeProblem {
  if (facts.status !== null && facts.status >= 500) return serverError(method, facts);
  return lost('unreadable-reply', 'Stripe’s reply could not be understood.', method, facts);
}

export function wrongMode(keyMode: 'test' | 'live', requestId: string | null): StripeProblem {
  const other = keyMode === 'live' ? 'test' : 'live';
  return {
    kind: 'wrong-mode',
    code: 'wrong-mode',
    message: `The key is for ${keyMode} mode, but Stripe answered for ${other} mode. Coffer stopped trusting this connection.`,
    hint: 'Move no money. Check the key in Settings and the network between this computer and Stripe.',
    requestId,
    retryAfterMs: null,
  };
}

function brokenCall(error: Stripe.errors.StripeConnectionError, method: Method, facts: CallFacts): StripeProblem {
  if (/timeout being reached/i.test(error.message)) {
    return lost('timeout', 'Stripe did not answer in time.', method, facts);
  }
  if (facts.status !== null) {
    return lost('incomplete-reply', 'The connection broke in the middle of Stripe’s reply.', method, facts);
  }
  return lost('connection', 'The connection to Stripe broke or could not be made.', method, facts);
}

/** The one place that decides: a lost read is unavailable, a lost POST is unknown. */
function lost(code: string, what: string, method: Method, facts: CallFacts): StripeProblem {
  const { requestId, retryAfterMs } = facts;
  if (method === 'GET') {
    return {
      kind: 'unavailable',
      code,
      message: what,
      hint: 'Check the network and status.stripe.com, then try again. Nothing was changed.',
      requestId,
      retryAfterMs,
    };
  }
  return {
    kind: 'unknown',
    code,
    message: `${what} It is not known yet whether the money moved.`,
    hint: LOOK_UP_HINT,
    requestId,
    retryAfterMs,
  };
}

function serverError(method: Method, facts: CallFacts): StripeProblem {
  return facts.replayed
    ? lost('server-error-stored', 'Stripe repeats the server error it gave for this movement before.', method, facts)
    : lost('server-error', 'Stripe had an error of its own.', method, facts);
}

function conflict(code: string, stripeMessage: string, method: Method, facts: CallFacts): StripeProblem {
  return code === 'idempotency_key_in_use'
    ? lost(code, 'An earlier request for the same movement is still being worked on at Stripe.', method, facts)
    : lost(code, `Another request was in the way at Stripe (${stripeMessage}).`, method, facts);
}

function notNow(code: 'rate_limit' | 'lock_timeout', facts: CallFacts): StripeProblem {
  return {
    kind: 'not-now',
    code,
    message:
      code === 'rate_limit'
        ? 'Stripe asked to slow down; it did not act on the request.'
        : 'Another request held the same balance at Stripe; it did not act on the request.',
    hint: 'Coffer tries again by itself.',
    requestId: facts.requestId,
    retryAfterMs: facts.retryAfterMs ?? DEFAULT_RETRY_MS,
  };
}

function keyRejected(facts: CallFacts): StripeProblem {
  return {
    kind: 'auth',
    code: 'key-rejected',
    message: 'Stripe does not accept this key. It may have been revoked, rolled or typed incompletely.',
    hint: 'Create a restricted key in the Stripe dashboard under Developers → API keys and enter it in Settings.',
    requestId: facts.requestId,
    retryAfterMs: null,
  };
}

function permissionMissing(stripeMessage: string, facts: CallFacts): StripeProblem {
  return {
    kind: 'permission',
    code: 'permission-missing',
    message: `The key lacks a permission. Stripe says: ${stripeMessage}`,
    hint: 'Edit the restricted key in the Stripe dashboard under Developers → API keys and grant what is named.',
    requestId: facts.requestId,
    retryAfterMs: null,
  };
}

function declined(kind: 'refused' | 'not-found', code: string, stripeMessage: string, facts: CallFacts): StripeProblem {
  const words = REFUSALS.get(code);
  return {
    kind,
    code,
    message: words?.message ?? `Stripe declined the request: ${stripeMessage}`,
    hint: words?.hint ?? 'Nothing moved. Correct what Stripe names, then try again.',
    requestId: facts.requestId,
    retryAfterMs: null,
  };
}
