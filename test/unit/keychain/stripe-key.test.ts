import { describe, expect, it } from 'vitest';
import { readStripeKey } from '../../../electron/keychain/stripe-key';
import { CofferError } from '../../../shared/domain/coffer-error';

const body = '51AbCdEfGhIjKlMnOpQrStUv';

function refusal(pasted: string): CofferError {
  try {
    readStripeKey(pasted);
  } catch (error) {
    if (error instanceof CofferError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('a pasted key', () => {
  it.each([
    [`rk_test_${body}`, 'restricted', 'test'],
    [`rk_live_${body}`, 'restricted', 'live'],
    [`sk_test_${body}`, 'secret', 'test'],
  ] as const)('of the form %s is accepted', (key, kind, mode) => {
    expect(readStripeKey(key)).toEqual({ key, kind, mode, last4: 'StUv' });
  });

  it('may have blanks and line breaks around it', () => {
    expect(readStripeKey(`\n  rk_test_${body}\r\n`).key).toBe(`rk_test_${body}`);
  });

  it('that is an unrestricted live key is refused, and a restricted one recommended', () => {
    const { code, hint } = refusal(`sk_live_${body}`);
    expect(code).toBe('key-unrestricted-live');
    expect(hint).toContain('rk_live_');
  });

  it.each([
    [`pk_live_${body}`, 'key-publishable'],
    [`pk_test_${body}`, 'key-publishable'],
    [`whsec_${body}`, 'key-webhook-secret'],
    [`sk_org_live_${body}`, 'key-organization'],
    ['acct_1AbCdEfGhIjKlMnO', 'key-other-id'],
    [`rk_test_51AbCd ${body}`, 'key-whitespace'],
    [`rk_test_51AbCd\n${body}`, 'key-whitespace'],
    ['rk_test_…StUv', 'key-masked'],
    ['sk_live_********StUv', 'key-masked'],
    ['rk_test_51Ab', 'key-incomplete'],
    [`rk_test_${body}-`, 'key-incomplete'],
    ['', 'key-unknown'],
    ['hunter2', 'key-unknown'],
    [`RK_TEST_${body}`, 'key-unknown'],
  ])('%j is explained as %s', (pasted, code) => {
    const error = refusal(pasted);
    expect(error.code).toBe(code);
    expect(error.hint).not.toBe('');
    if (pasted.length > 12) expect(error.message + error.hint).not.toContain(pasted.slice(8));
  });
});
