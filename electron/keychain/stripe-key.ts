/** What a pasted Stripe key is, by its form alone. Source: Stripe "API keys", key types and prefixes. */
import type { Mode } from '../../shared/contract';
import { CofferError } from '../../shared/domain/coffer-error';

export interface StripeKey {
  readonly key: string;
  readonly kind: 'restricted' | 'secret';
  readonly mode: Exclude<Mode, 'sandbox'>;
  readonly last4: string;
}

const form = /^(sk|rk)_(test|live)_([A-Za-z0-9]{16,250})$/;

const where = 'In the Stripe dashboard: Developers → API keys → Create restricted key.';

export const restrictedIsBetter = `A restricted key (rk_…) that can do only what Coffer needs is safer than a secret key. ${where}`;

/** Throws a `CofferError` that says what the text is instead. Spaces around the key are taken off; the key is never in the message. `unrestrictedReason`: why a person insists on an unrestricted live key. */
export function readStripeKey(pasted: string, unrestrictedReason?: string): StripeKey {
  const key = pasted.trim();
  const match = form.exec(key);
  if (!match) throw explain(key);
  const kind = match[1] === 'rk' ? 'restricted' : 'secret';
  const mode = match[2] === 'live' ? 'live' : 'test';
  if (kind === 'secret' && mode === 'live' && unrestrictedReason === undefined) {
    throw new CofferError(
      'key-unrestricted-live',
      'This is an unrestricted live secret key (sk_live_…). It can do everything in your Stripe account, and Coffer does not keep it.',
      `Use a restricted live key (rk_live_…) with the permissions that Coffer names. ${where}`,
    );
  }
  return { key, kind, mode, last4: key.slice(-4) };
}

const refusals: readonly (readonly [RegExp, string, string, string])[] = [
  [
    /^pk_/,
    'key-publishable',
    'This is a publishable key (pk_…). It is made for web pages and can neither read balances nor move money.',
    `Copy a restricted key (rk_…) instead. ${where}`,
  ],
  [
    /^whsec_/,
    'key-webhook-secret',
    'This is a webhook signing secret (whsec_…). It proves where a notification came from and opens no account.',
    `Copy a restricted key (rk_…) instead. ${where}`,
  ],
  [
    /^sk_org_/,
    'key-organization',
    'This is an organization key (sk_org_…), which reaches several accounts. Coffer works with exactly one.',
    `Create a restricted key (rk_…) in the account itself. ${where}`,
  ],
  [
    /^(acct|cus|pi|ch|tr|po|txn|fa|ek|cs|seti)_/,
    'key-other-id',
    'This is the id of something at Stripe, or a short-lived secret, and not an API key.',
    `A key starts with rk_test_, rk_live_ or sk_test_. ${where}`,
  ],
];

function explain(key: string): CofferError {
  for (const [start, code, message, hint] of refusals) if (start.test(key)) return new CofferError(code, message, hint);
  if (/\s/.test(key)) {
    return new CofferError(
      'key-whitespace',
      'There is a space or a line break inside this key.',
      'Copy the key again with Stripe’s copy button, so that it comes in one piece.',
    );
  }
  if (/[*.…•]/.test(key)) {
    return new CofferError(
      'key-masked',
      'This is the shortened form that Stripe shows, not the key itself.',
      'Reveal the key in the Stripe dashboard, or create a new one, and copy it whole.',
    );
  }
  if (/^(sk|rk)_(test|live)_/.test(key)) {
    return new CofferError(
      'key-incomplete',
      'This begins like a Stripe key, but it is not complete or has characters that a key never has.',
      'Copy the key again with Stripe’s copy button.',
    );
  }
  return new CofferError(
    'key-unknown',
    'This does not look like a Stripe API key.',
    `A key starts with rk_test_, rk_live_ or sk_test_. ${where}`,
  );
}
