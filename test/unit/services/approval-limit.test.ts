/** Rule: once one currency has a limit, one without a limit allows nothing to one person alone. */
import { expect, test } from 'vitest';
import { approvalLimitOf, liftsApprovalLimit } from '../../../electron/services/settings';

test.each([
  [{}, null],
  [{ usd: '500' }, 500n],
  [{ eur: '500' }, 0n],
  [{ usd: '0' }, 0n],
])('limits %o allow of USD: %s', (approvalLimit, allowed) => {
  expect(approvalLimitOf({ approvalLimit }, 'usd')).toBe(allowed);
});

test.each([
  ['a first limit', {}, { usd: '500' }, false],
  ['a lower one', { usd: '500' }, { usd: '499' }, false],
  ['a higher one', { usd: '500' }, { usd: '501' }, true],
  ['the last one removed', { usd: '500' }, {}, true],
  ['one of two removed', { eur: '500', usd: '500' }, { usd: '500' }, false],
  ['one for a currency that had none, beside another', { usd: '500' }, { eur: '1', usd: '500' }, true],
])('%s: lifted is told', (_what, before, after, lifted) => {
  expect(liftsApprovalLimit({ approvalLimit: before }, { approvalLimit: after })).toBe(lifted);
});
