/** Revenue leaves Payments for the platform's own bank account: never more than is safe, once, and followed when it comes back. */
import { describe, expect, test } from 'vitest';
import { listIntents } from '../../../electron/journal/journal';
import { createSigner, fingerprint, newSigningKey, type Signer } from '../../../electron/journal/signing';
import { WITHDRAWING, WITHDRAWN } from '../../../electron/ledger/accounts';
import { balance } from '../../../electron/ledger/ledger';
import { BalanceMonitor } from '../../../electron/services/balance-monitoring';
import { conservation } from '../../../electron/services/conservation';
import { acceptApproval } from '../../../electron/services/second-approval/accept';
import { pinApprover } from '../../../electron/services/second-approval/approvers';
import { readRequestFile } from '../../../electron/services/second-approval/files';
import { requestApproval } from '../../../electron/services/second-approval/request';
import { signApproval } from '../../../electron/services/second-approval/sign';
import { readSettings, writeSettings } from '../../../electron/services/settings';
import {
  approveWithdrawal,
  cancelWithdrawal,
  listWithdrawals,
  planWithdrawal,
  withdraw,
  withdrawalApproval,
  withdrawalWaits,
} from '../../../electron/services/withdrawal';
import { CofferError } from '../../../shared/domain/coffer-error';
import { type Bench, bench, datasetLike, Killed, ledgerProblems } from './platform';

const PAYOUTS = '/v1/payouts';

async function refusal(work: Promise<unknown>): Promise<CofferError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CofferError)) throw new Error(`It was not refused: ${String(error)}`);
  return error;
}

/** The worked month, closed: 349.00 of revenue stay in Payments. */
async function closed(rail: 'financial-account' | 'earmark' = 'financial-account'): Promise<Bench> {
  const one = await bench(rail === 'earmark' ? await datasetLike('worked', { 'policy.json': { rail } }) : 'worked');
  await one.through('close');
  return one;
}

async function approved(one: Bench, amount: bigint): Promise<string> {
  const plan = await planWithdrawal(one.context, 'usd', amount);
  await approveWithdrawal(one.context, plan.id, plan.planHash);
  return plan.id;
}

const confirmed = async (one: Bench, id: string): Promise<string> =>
  (await listWithdrawals(one.context, 'usd')).find((row) => row.id === id)?.confirmation ?? '';

const carryOut = async (one: Bench, id: string) =>
  withdraw(one.context, one.guard, { id, typed: await confirmed(one, id), patienceMs: 1_500 });

const toTheBank = async (one: Bench) =>
  ((await one.stripe.list(PAYOUTS)) as { amount: number; status: string; payout_method?: string | null }[]).filter(
    (payout) => payout.payout_method == null,
  );

const drift = async (one: Bench): Promise<bigint[]> =>
  (await conservation(one.context)).map((side) => side.unexplained);

async function expectSound(one: Bench): Promise<void> {
  await new BalanceMonitor(one.context).poll();
  expect((await drift(one)).every((amount) => amount === 0n)).toBe(true);
  expect(await ledgerProblems(one)).toEqual([]);
  expect((await one.coverage()).unexplained).toBe('0');
}

describe.each(['financial-account', 'earmark'] as const)('On the rail %s', (rail) => {
  test('all that is safe is withdrawn, posted, reconciled and in the ledger', async () => {
    const one = await closed(rail);
    const id = await approved(one, 34_900n);
    expect((await carryOut(one, id)).state).toBe('posted');
    expect(await toTheBank(one)).toEqual([expect.objectContaining({ amount: 34_900, status: 'paid' })]);
    expect((await one.stripe.state()).payments.available.usd ?? '0').toBe('0');
    expect(await balance(one.platform.store.db, WITHDRAWN, 'usd')).toBe(34_900n);
    expect(await balance(one.platform.store.db, WITHDRAWING, 'usd')).toBe(0n);
    await expectSound(one);
    const line = await one.platform.store.db
      .selectFrom('stripe_line')
      .select(['outcome', 'explanation'])
      .where('amount', '=', -34_900n)
      .where('side', '=', 'payments')
      .executeTakeFirstOrThrow();
    expect(line).toEqual({ outcome: 'matched', explanation: 'Withdrawal to the bank account' });
    const entries = (await one.rows('journal_entries.csv', '2026-11')).filter((row) => row.account === WITHDRAWN);
    expect(entries.map((row) => [row.debit_minor, row.credit_minor, row.currency])).toEqual([['34900', '0', 'usd']]);
    expect(entries[0]?.description).toContain('Withdrawal');
  });

  test('a cent more is refused with the arithmetic, and nothing is written', async () => {
    const one = await closed(rail);
    const error = await refusal(planWithdrawal(one.context, 'usd', 34_901n));
    expect(error.code).toBe('withdrawal-above-safe');
    expect(error.message).toContain('349.01 USD is more than the 349.00 USD');
    expect(error.message).toContain('Payments available 349.00 USD');
    expect(await listWithdrawals(one.context, 'usd')).toEqual([]);
    expect(await toTheBank(one)).toEqual([]);
  });

  test('one that was paid and came back is owed to nobody: it is in Payments again', async () => {
    const one = await closed(rail);
    const id = await approved(one, 30_000n);
    await one.stripe.fault('payout_return_later', { method: 'POST', path: PAYOUTS });
    expect((await carryOut(one, id)).state).toBe('posted');
    one.clock.advance(3 * 86_400_000);
    await one.stripe.control('POST', 'clock', { advance_seconds: 3 * 86_400 });
    one.clock.advance(31 * 60_000);
    await expectSound(one);
    const [row] = await listWithdrawals(one.context, 'usd');
    expect(row).toMatchObject({ state: 'returned' });
    expect(row?.reason).not.toBe('');
    expect(await balance(one.platform.store.db, WITHDRAWN, 'usd')).toBe(0n);
    // It is not sent again by itself, nor by asking for the same one again.
    expect((await carryOut(one, id)).state).toBe('returned');
    expect(await toTheBank(one)).toHaveLength(1);
  });
});

test('the plan must be approved by its hash and typed; a dropped one is not carried out', async () => {
  const one = await closed();
  const plan = await planWithdrawal(one.context, 'usd', 10_000n);
  const typed = plan.confirmation;
  const go = (words: string) => withdraw(one.context, one.guard, { id: plan.id, typed: words, patienceMs: 100 });
  expect((await refusal(go(typed))).code).toBe('not-approved');
  expect((await refusal(approveWithdrawal(one.context, plan.id, '0'.repeat(64)))).code).toBe('plan-changed');
  await approveWithdrawal(one.context, plan.id, plan.planHash);
  expect((await refusal(go('100.00'))).code).toBe('confirmation-missing');
  await cancelWithdrawal(one.context, plan.id);
  expect((await refusal(go(typed))).code).toBe('not-approved');
  expect(await toTheBank(one)).toEqual([]);
});

test('two plans may each be safe, but what one has withdrawn cannot be approved again for the other', async () => {
  const one = await closed();
  const first = await planWithdrawal(one.context, 'usd', 30_000n);
  const second = await planWithdrawal(one.context, 'usd', 10_000n);
  await approveWithdrawal(one.context, first.id, first.planHash);
  await carryOut(one, first.id);
  const error = await refusal(approveWithdrawal(one.context, second.id, second.planHash));
  expect(error.code).toBe('withdrawal-above-safe');
  expect(error.message).toContain('100.00 USD is more than the 49.00 USD');
  await expectSound(one);
});

test('what was safe when it was planned and is not any more is refused when it is carried out', async () => {
  const one = await closed();
  const first = await approved(one, 30_000n);
  const second = await approved(one, 30_000n);
  expect((await carryOut(one, first)).state).toBe('posted');
  expect((await refusal(carryOut(one, second))).code).toBe('withdrawal-above-safe');
  expect(await toTheBank(one)).toHaveLength(1);
});

test.each(['drop_after_execute', 'drop_before_execute', 'truncated_body', 'error_500_not_stored', 'conflict_409'])(
  'with the fault %s it is made once',
  async (kind) => {
    const one = await closed();
    const id = await approved(one, 20_000n);
    await one.stripe.fault(kind, { method: 'POST', path: PAYOUTS });
    for (let tries = 0; tries < 3; tries++) await carryOut(one, id).catch(() => undefined);
    expect((await listWithdrawals(one.context, 'usd'))[0]?.state).toBe('posted');
    expect((await toTheBank(one)).map((payout) => payout.amount)).toEqual([20_000]);
    await expectSound(one);
  },
);

test.each([
  'journal.before-intents',
  'journal.intents-written',
  'movement.before-sending',
  'movement.sending-written',
  'movement.answered',
  'movement.outcome-written',
])('killed at %s and taken up again it is made once', async (label) => {
  const one = await closed();
  const id = await approved(one, 20_000n);
  one.killAt(label);
  await expect(carryOut(one, id)).rejects.toThrow(Killed);
  await one.open();
  await one.platform.connect();
  expect((await carryOut(one, id)).state).toBe('posted');
  expect((await toTheBank(one)).map((payout) => payout.amount)).toEqual([20_000]);
  await expectSound(one);
});

test('one that was written down and never sent can be dropped: the money is free again', async () => {
  const one = await closed();
  const id = await approved(one, 34_900n);
  one.killAt('movement.before-sending');
  await expect(carryOut(one, id)).rejects.toThrow(Killed);
  await one.open();
  await one.platform.connect();
  // It counts against what is safe while it may still be sent.
  expect((await refusal(planWithdrawal(one.context, 'usd', 1n))).code).toBe('withdrawal-above-safe');
  await cancelWithdrawal(one.context, id);
  expect((await listIntents(one.platform.store.db, { kinds: ['withdraw'] })).map((intent) => intent.state)).toEqual([
    'canceled',
  ]);
  expect((await planWithdrawal(one.context, 'usd', 34_900n)).state).toBe('planned');
  expect(await toTheBank(one)).toEqual([]);
  await expectSound(one);
});

test('with a movement whose outcome is unknown nobody can say what is safe', async () => {
  const one = await closed();
  const id = await approved(one, 20_000n);
  await one.stripe.fault('drop_before_execute', { method: 'POST', path: PAYOUTS, times: 50 });
  await one.stripe.fault('drop_before_execute', { method: 'GET', path: PAYOUTS, times: 50 });
  await carryOut(one, id).catch(() => undefined);
  await one.stripe.clearFaults();
  expect((await refusal(planWithdrawal(one.context, 'usd', 1n))).code).toBe('unknown-operations');
});

test('before the month is calculated nothing of it is safe: it is owed, may still be allocated, or is a fee that is not final', async () => {
  const one = await bench('worked');
  await one.through('preflight');
  const error = await refusal(planWithdrawal(one.context, 'usd', 1n));
  expect(error.code).toBe('withdrawal-above-safe');
  expect(error.message).toContain('Owed and not in Storage -651.00 USD');
  expect(error.message).toContain('Not allocated yet this month -300.00 USD');
  expect(error.message).toContain('Fee of the open month -49.00 USD');
});

describe('Above the limit of one person', () => {
  const limit = async (one: Bench, approvalLimit: Record<string, string>) => {
    const { db } = one.platform.store;
    await writeSettings(db, { ...(await readSettings(db)), approvalLimit });
  };

  /** Tom, on a machine of his own, signs what Mara's asks for. */
  async function twoPeople() {
    const [mara, tom] = [await closed(), await bench('worked')];
    const [maraKey, tomKey] = [createSigner(newSigningKey(), 'keychain'), createSigner(newSigningKey(), 'keychain')];
    const as = (one: Bench, name: string) => ({ ...one.context, store: one.context.store, actor: () => name });
    const pin = (one: Bench, own: Signer, name: string, other: Signer) =>
      pinApprover(as(one, 'somebody'), own, {
        name,
        publicKey: other.publicKey,
        confirmed: fingerprint(other.publicKey).slice(-4),
      });
    await pin(mara, maraKey, 'Tom', tomKey);
    await pin(tom, tomKey, 'Mara', maraKey);
    const sign = async (id: string): Promise<string> => {
      const { plan } = await withdrawalApproval(mara.context, id);
      const request = JSON.stringify(await requestApproval(as(mara, 'Mara'), maraKey, plan));
      return JSON.stringify(await signApproval(as(tom, 'Tom'), tomKey, readRequestFile(request)));
    };
    const accept = async (id: string, text: string) =>
      acceptApproval(as(mara, 'Mara'), maraKey, (await withdrawalApproval(mara.context, id)).plan, text);
    return { mara, tom, sign, accept };
  }

  test('a second person has to approve exactly this plan; then it is carried out once', async () => {
    const { mara, sign, accept } = await twoPeople();
    await limit(mara, { usd: '20000' });
    const id = await approved(mara, 20_001n);
    const other = await approved(mara, 20_002n);
    const error = await refusal(carryOut(mara, id));
    expect(error.code).toBe('second-approval');
    expect(error.message).toMatch(/^200\.01 USD is above the limit that one person may pay/);
    expect(await toTheBank(mara)).toEqual([]);
    expect((await refusal(accept(id, await sign(other)))).code).toBe('approval-other-plan');
    await accept(id, await sign(id));
    expect((await refusal(carryOut(mara, other))).code).toBe('second-approval');
    expect((await carryOut(mara, id)).state).toBe('posted');
    expect((await toTheBank(mara)).map((payout) => payout.amount)).toEqual([20_001]);
    await expectSound(mara);
  });

  test('an approval that expired, or of a plan that was dropped, does not count', async () => {
    const { mara, tom, sign, accept } = await twoPeople();
    await limit(mara, { usd: '20000' });
    const id = await approved(mara, 20_001n);
    await accept(id, await sign(id));
    for (const one of [mara, tom]) one.clock.advance(73 * 3_600_000);
    expect((await refusal(carryOut(mara, id))).message).toContain('expired');
    const dropped = await approved(mara, 20_003n);
    const text = await sign(dropped);
    await cancelWithdrawal(mara.context, dropped);
    expect((await refusal(accept(dropped, text))).code).toMatch(/^approval-/);
    expect(await toTheBank(mara)).toEqual([]);
  });

  test('parts of the last 30 days count together; a currency without a limit needs the second person for any amount', async () => {
    const one = await closed();
    await limit(one, { eur: '20000' });
    const id = await approved(one, 1n);
    expect((await refusal(carryOut(one, id))).code).toBe('second-approval');
    await cancelWithdrawal(one.context, id);
    await limit(one, { usd: '20000' });
    const first = await approved(one, 15_000n);
    const second = await approved(one, 15_000n);
    expect((await carryOut(one, first)).state).toBe('posted');
    expect((await refusal(carryOut(one, second))).message).toMatch(
      /^150\.00 USD, with 150\.00 USD withdrawn in the last 30 days, is above the limit/,
    );
    expect(await withdrawalWaits(one.platform.store.db)).toBe(true);
    one.clock.advance(31 * 86_400_000);
    expect((await carryOut(one, second)).state).toBe('posted');
    expect(await withdrawalWaits(one.platform.store.db)).toBe(false);
  });
});
