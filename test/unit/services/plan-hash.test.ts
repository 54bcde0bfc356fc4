/** Rule: the plan that is approved is the canonical JSON of all that decides who is paid what, whole. */
import { expect, test } from 'vitest';
import { sha256 } from '../../../electron/journal/audit-chain';
import type { EarningLine } from '../../../electron/services/earnings';
import { planHash } from '../../../electron/services/stripe-transfer';
import { canonicalJson } from '../../../shared/domain/canonical-json';

const line = (creatorId: string, payable: bigint): EarningLine => ({
  creatorId,
  currency: 'usd',
  payable,
  disposition: 'paid',
  reason: 'not part of it',
  stripeAccount: `acct_${creatorId}`,
  displayName: 'not part of it',
});

test.each([
  ['no line', []],
  ['one', [line('c1', 1n)]],
  [
    'ids with quotes, signs of a replacement and what the plan itself is made of',
    ['"', '$&', '$`', '"lines":[]', '],"'].map((id) => line(id, 5n)),
  ],
  ['many', Array.from({ length: 1_000 }, (_, index) => line(`c${index}`, BigInt(index)))],
])('%s', async (_what, lines) => {
  const plan = {
    kind: 'coffer-payout-plan-v1',
    period: '2026-10',
    version: 2,
    rail: 'earmark',
    lines: lines.map((one) => [one.creatorId, one.currency, one.payable, one.disposition, one.stripeAccount]),
  };
  expect(await planHash('2026-10', 2, 'earmark', lines)).toBe(sha256(canonicalJson(plan)));
});
