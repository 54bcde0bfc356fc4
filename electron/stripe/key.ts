export interface StripeKey {
  readonly mode: 'test' | 'live';
  readonly kind: 'restricted' | 'secret';
}

/** Reads the prefix of a key (`sk_test_ sk_live_ rk_test_ rk_live_`); undefined when it is none of them. */
export function parseStripeKey(key: string): StripeKey | undefined {
  const match = /^(sk|rk)_(test|live)_[A-Za-z0-9_]{4,}$/.exec(key);
  if (match === null) return undefined;
  return { kind: match[1] === 'rk' ? 'restricted' : 'secret', mode: match[2] === 'live' ? 'live' : 'test' };
}
