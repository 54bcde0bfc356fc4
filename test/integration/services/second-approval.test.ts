/** Rule: above the limit a month is paid only with a second person's approval from another machine, and only with a good one. */
import { beforeEach, describe, expect, test } from 'vitest';
import { createSigner, fingerprint, newSigningKey, type Signer } from '../../../electron/journal/signing';
import { approveMigration, executeMigration, makePlan } from '../../../electron/services/execute-migration';
import { requireRun } from '../../../electron/services/migration/run';
import { migrationView } from '../../../electron/services/migration/view';
import { acceptApproval } from '../../../electron/services/second-approval/accept';
import { pinApprover, revokeApprover } from '../../../electron/services/second-approval/approvers';
import { readRequestFile } from '../../../electron/services/second-approval/files';
import { migrationToApprove, payoutsToApprove } from '../../../electron/services/second-approval/plan';
import { requestApproval } from '../../../electron/services/second-approval/request';
import { secondApprovalView } from '../../../electron/services/second-approval/requirement';
import { signApproval } from '../../../electron/services/second-approval/sign';
import { readSettings, writeSettings } from '../../../electron/services/settings';
import { planPayouts, retryPayouts } from '../../../electron/services/stripe-transfer';
import type { ApprovalFile } from '../../../shared/contract/approvals';
import { canonicalJson } from '../../../shared/domain/canonical-json';
import { type Bench, bench } from './platform';

const HOURS = 3_600_000;
let mara: Bench;
let maraKey: Signer;
let tom: Bench;
let tomKey: Signer;

const as = (one: Bench, name: string) => ({ ...one.context, store: one.context.store, actor: () => name });
const here = () => as(mara, 'Mara');
const there = () => as(tom, 'Tom');
const plan = async () => payoutsToApprove(await planPayouts(mara.context, mara.period, 1));
const pinMara = () =>
  pinApprover(there(), tomKey, {
    name: 'Mara',
    publicKey: maraKey.publicKey,
    confirmed: fingerprint(maraKey.publicKey).slice(-4),
  });
const pinTom = (key = tomKey.publicKey) =>
  pinApprover(here(), maraKey, { name: 'Tom', publicKey: key, confirmed: fingerprint(key).slice(-4) });

/** The request goes out as a file, is signed on Tom's machine, and comes back as one. */
async function signedByTom(change: (file: ApprovalFile) => ApprovalFile = (file) => file): Promise<string> {
  const request = JSON.stringify(await requestApproval(here(), maraKey, await plan()));
  return JSON.stringify(change(await signApproval(there(), tomKey, readRequestFile(request))));
}

/** Tom signs again what was changed, as somebody with his key could. */
const resign = (file: ApprovalFile, key = tomKey): ApprovalFile => {
  const { signature: _old, ...content } = file;
  return { ...content, signature: key.sign(canonicalJson(content)) };
};

const accept = async (text: string) => acceptApproval(here(), maraKey, await plan(), text);

beforeEach(async () => {
  mara = await bench('worked');
  tom = await bench('worked');
  maraKey = createSigner(newSigningKey(), 'keychain');
  tomKey = createSigner(newSigningKey(), 'keychain');
  const settings = await readSettings(mara.platform.store.db);
  await mara.platform.store.transaction((tx) => writeSettings(tx, { ...settings, approvalLimit: { usd: '50000' } }));
  await pinMara();
  await mara.through('approve');
});

async function expectUnpaid(words: RegExp): Promise<void> {
  const { blockers } = await mara.step('pay');
  expect(blockers).toMatchObject([{ code: 'second-approval', message: expect.stringMatching(words) }]);
  expect(await mara.state()).toBe('approved');
  expect(await mara.stripe.outboundPayments()).toEqual([]);
}

test('without a second signature nothing is paid; with a good one everything is', async () => {
  await expectUnpaid(/^651\.00 USD is above the limit that one person may pay: a second person has to approve/);
  await pinTom();
  await accept(await signedByTom());
  await mara.through('close');
  expect(await mara.state()).toBe('closed');
  const events = await mara.platform.store.db
    .selectFrom('audit_event')
    .select('action')
    .where('action', 'like', 'appro%')
    .orderBy('seq')
    .execute();
  expect(events.map((event) => event.action)).toEqual(['approver.pinned', 'approval.requested', 'approval.accepted']);
});

test('at the limit no second person is needed; one cent above it is', async () => {
  const { store } = mara.platform;
  const settings = await readSettings(store.db);
  await store.transaction((tx) => writeSettings(tx, { ...settings, approvalLimit: { usd: '65099' } }));
  await expectUnpaid(/above the limit/);
  await store.transaction((tx) => writeSettings(tx, { ...settings, approvalLimit: { usd: '65100' } }));
  await mara.through('pay');
  expect(await mara.state()).toBe('paid');
});

test('once another currency has a limit, one without a limit needs the second person for any amount', async () => {
  const { store } = mara.platform;
  const settings = await readSettings(store.db);
  const limit = (approvalLimit: Record<string, string>) =>
    store.transaction((tx) => writeSettings(tx, { ...settings, approvalLimit }));
  await limit({ eur: '99999999' });
  await expectUnpaid(/^651\.00 USD is above the limit that one person may pay/);
  expect(await secondApprovalView(here(), await plan(), false)).toMatchObject({
    above: [{ currency: 'usd', amount: '65100' }],
  });
  await limit({});
  await mara.through('pay');
  expect(await mara.state()).toBe('paid');
});

describe('An approval is refused, with the reason, when it', () => {
  beforeEach(() => pinTom());

  const refused = async (text: string, code: string, words: RegExp) => {
    await expect(accept(text)).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
    const last = await mara.platform.store.db
      .selectFrom('audit_event')
      .select(['action', 'payload'])
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow();
    expect(last).toMatchObject({ action: 'approval.refused', payload: expect.stringContaining(code) });
    await expectUnpaid(/has to approve this plan/);
  };

  test('is expired', async () => {
    const text = await signedByTom();
    mara.clock.advance(73 * HOURS);
    await refused(text, 'approval-expired', /expired on/);
  });

  test.each([
    ['plan hash', (file: ApprovalFile) => ({ ...file, subject: { ...file.subject, planHash: 'ab'.repeat(32) } })],
    [
      'amount',
      (file: ApprovalFile) => ({
        ...file,
        subject: { ...file.subject, totals: [{ currency: 'usd', amount: '1', payouts: 1 }] },
      }),
    ],
    ['period', (file: ApprovalFile) => ({ ...file, subject: { ...file.subject, period: '2026-09' } })],
    [
      'expiry',
      (file: ApprovalFile) => ({ ...file, subject: { ...file.subject, expiresAt: '2099-01-01T00:00:00.000Z' } }),
    ],
    ['name', (file: ApprovalFile) => ({ ...file, approver: 'Ursula' })],
  ])('was altered after it was signed (%s)', async (_what, change) => {
    await refused(await signedByTom(change), 'approval-altered', /changed after it was signed/);
  });

  test.each([
    ['amount', { totals: [{ currency: 'usd', amount: '1', payouts: 1 }] }],
    ['expiry', { expiresAt: '2099-01-01T00:00:00.000Z' }],
  ])('is signed for something else than was asked (%s)', async (_what, change) => {
    const text = await signedByTom((file) => resign({ ...file, subject: { ...file.subject, ...change } }));
    await refused(text, 'approval-altered', /not of what was requested/);
  });

  test('answers nothing that was asked here', async () => {
    const nonce = '3f1f7a52-50a6-4a0e-9a83-e5c0a3a3b2aa';
    const text = await signedByTom((file) => resign({ ...file, subject: { ...file.subject, nonce } }));
    await refused(text, 'approval-unknown', /Nothing was requested/);
  });

  test('is signed with a key that was not pinned', async () => {
    const stranger = createSigner(newSigningKey(), 'keychain');
    const text = await signedByTom((file) => resign({ ...file, approverKey: stranger.publicKey }, stranger));
    await refused(text, 'approval-wrong-key', /a key that is not pinned here/);
  });

  test('is signed with the key of the machine that asked', async () => {
    const text = await signedByTom((file) => resign({ ...file, approverKey: maraKey.publicKey }, maraKey));
    await refused(text, 'approval-same-person', /the key of the machine that asked/);
  });

  test('is signed by the same person on another machine', async () => {
    const text = await signedByTom((file) => resign({ ...file, approver: 'MARA' }));
    await refused(text, 'approval-same-person', /prepared this plan too/);
  });

  test('is not an approval at all', async () => {
    await refused('{}', 'approval-malformed', /not an approval/);
    await refused('nonsense', 'approval-malformed', /not an approval/);
  });
});

test('an approval cannot be taken in twice', async () => {
  await pinTom();
  const text = await signedByTom();
  await accept(text);
  await expect(accept(text)).rejects.toMatchObject({ code: 'approval-replayed' });
});

test('an approval lapses with its plan: a hold afterwards asks for a new one', async () => {
  await pinTom();
  const old = await signedByTom();
  await accept(old);
  const { setHold } = await import('../../../electron/services/stripe-transfer');
  const creator =
    (await planPayouts(mara.context, mara.period, 1)).lines.find((line) => line.disposition === 'paid')?.creatorId ??
    '';
  await setHold(mara.context, creator, 'checking', 'checking');
  await expect(mara.step('pay')).rejects.toMatchObject({ code: 'plan-changed' });
  await mara.step('approve');
  await expectUnpaid(/has to approve this plan/);
  await expect(accept(old)).rejects.toMatchObject({ code: 'approval-replayed' });
});

test('an approval that is accepted and then expires, or whose key is revoked, pays nothing', async () => {
  await pinTom();
  await accept(await signedByTom());
  mara.clock.advance(73 * HOURS);
  await expectUnpaid(/The approval by Tom expired/);
  await revokeApprover(here(), tomKey.publicKey);
  await expectUnpaid(/Tom approved this plan, but the key was revoked on/);
});

test('a revoked key counts again only as a new pin, for approvals that are taken in after it', async () => {
  await pinTom();
  await expect(pinTom()).rejects.toMatchObject({ code: 'approver-known' });
  const old = await signedByTom();
  await accept(old);
  await revokeApprover(here(), tomKey.publicKey);
  await expect(accept(await signedByTom())).rejects.toMatchObject({ code: 'approval-wrong-key' });
  await pinTom();
  await expectUnpaid(/the key was revoked on/);
  expect(await secondApprovalView(here(), await plan(), false)).toMatchObject({ approvedBy: null });
  await expect(accept(old)).rejects.toMatchObject({ code: 'approval-replayed' });
  mara.clock.advance(1_000);
  tom.clock.advance(1_000);
  await accept(await signedByTom());
  expect(await secondApprovalView(here(), await plan(), false)).toMatchObject({ approvedBy: 'Tom' });
  await mara.through('pay');
  const { db } = mara.platform.store;
  expect(await db.selectFrom('approver').select('name').execute()).toHaveLength(2);
  const events = await db.selectFrom('audit_event').select('action').where('action', 'like', 'approver.%').execute();
  expect(events.map((event) => event.action)).toEqual(['approver.pinned', 'approver.revoked', 'approver.pinned']);
});

test('pins and revocations are neither changed nor deleted', async () => {
  await pinTom();
  await revokeApprover(here(), tomKey.publicKey);
  const { db } = mara.platform.store;
  for (const table of ['approver', 'approver_revoked'] as const)
    await expect(db.deleteFrom(table).execute()).rejects.toThrow('append-only');
  await expect(db.updateTable('approver').set({ name: 'Ursula' }).execute()).rejects.toThrow('append-only');
});

test.each([
  ['signature', (file: ApprovalFile) => ({ ...file, signature: maraKey.sign('anything') })],
  ['approver', (file: ApprovalFile) => ({ ...file, approver: 'Ursula' })],
  ['signing key', (file: ApprovalFile) => resign({ ...file, approverKey: maraKey.publicKey }, maraKey)],
  ['plan', (file: ApprovalFile) => resign({ ...file, subject: { ...file.subject, planHash: 'ab'.repeat(32) } })],
])(
  'Pay verifies the signature itself: an approval altered in the database pays nothing (%s)',
  async (_what, change) => {
    await pinTom();
    const text = await signedByTom();
    await accept(text);
    const { store } = mara.platform;
    store.exec('DROP TRIGGER second_approval_no_update');
    await store.db
      .updateTable('second_approval')
      .set({ document: canonicalJson(change(JSON.parse(text))) })
      .execute();
    await expectUnpaid(/is not what was signed: the database was changed/);
    await store.db
      .updateTable('second_approval')
      .set({ document: canonicalJson(JSON.parse(text)) })
      .execute();
    await mara.through('pay');
  },
);

test('on the other machine: an altered request, an own request and one of another mode are not signed', async () => {
  const request = await requestApproval(here(), maraKey, await plan());
  const altered = {
    ...request,
    subject: { ...request.subject, totals: [{ currency: 'usd', amount: '1', payouts: 1 }] },
  };
  expect(() => readRequestFile(JSON.stringify(altered))).toThrow('changed after it was made');
  await expect(signApproval(here(), maraKey, request)).rejects.toMatchObject({ code: 'approval-same-person' });
  await expect(signApproval(as(tom, 'MARA'), tomKey, request)).rejects.toMatchObject({ code: 'approval-same-person' });
  await expect(signApproval({ ...there(), mode: 'test' }, tomKey, request)).rejects.toMatchObject({
    code: 'approval-other-mode',
  });
  tom.clock.advance(100 * HOURS);
  await expect(signApproval(there(), tomKey, request)).rejects.toMatchObject({ code: 'approval-expired' });
  tom.clock.advance(-101 * HOURS);
  await expect(signApproval(there(), tomKey, request)).rejects.toMatchObject({ code: 'approval-not-yet-valid' });
  tom.clock.advance(HOURS);
  await revokeApprover(there(), maraKey.publicKey);
  await expect(signApproval(there(), tomKey, request)).rejects.toMatchObject({ code: 'approval-wrong-key' });
});

test('a key is pinned only by somebody who compared its fingerprint, and never the own one', async () => {
  const wrong = { name: 'Tom', publicKey: tomKey.publicKey, confirmed: 'zzzz' };
  await expect(pinApprover(here(), maraKey, wrong)).rejects.toMatchObject({ code: 'fingerprint-differs' });
  const own = { name: 'Me', publicKey: maraKey.publicKey, confirmed: fingerprint(maraKey.publicKey).slice(-4) };
  await expect(pinApprover(here(), maraKey, own)).rejects.toMatchObject({ code: 'approval-same-person' });
});

test('an approval of another Stripe account, or signed by a clock that is ahead, is refused', async () => {
  await pinTom();
  const rail = Object.assign(Object.create(mara.context.rail), { account: async () => 'acct_other' });
  const elsewhere = { ...here(), rail };
  const request = await requestApproval(elsewhere, maraKey, await plan());
  const signed = JSON.stringify(await signApproval(there(), tomKey, request));
  await expect(accept(signed)).rejects.toMatchObject({ code: 'approval-other-account' });
  const later = new Date(mara.clock.now().getTime() + HOURS).toISOString();
  const ahead = await signedByTom((file) => resign({ ...file, signedAt: later }));
  await expect(accept(ahead)).rejects.toMatchObject({ code: 'approval-not-yet-valid' });
});

test('a retry asks for the second approval in the service itself', async () => {
  const control = { shouldStop: () => false, onSettled: () => {}, sleep: mara.context.sleep };
  const payouts = await planPayouts(mara.context, mara.period, 1);
  await expect(retryPayouts(mara.context, payouts, [], control)).rejects.toMatchObject({ code: 'second-approval' });
});

test('a migration above the limit moves nothing without the second approval, and moves with it', async () => {
  const one = await bench('migration');
  const { db } = one.platform.store;
  await writeSettings(db, { ...(await readSettings(db)), approvalLimit: { usd: '50000' } });
  const asMara = as(one, 'Mara');
  await pinApprover(asMara, maraKey, {
    name: 'Tom',
    publicKey: tomKey.publicKey,
    confirmed: fingerprint(tomKey.publicKey).slice(-4),
  });
  await makePlan(one.context);
  const view = (await migrationView(one.context, one.guard)).plan;
  const { plan: moves } = await requireRun(one.context);
  if (view === null) throw new Error('no plan');
  const execute = () =>
    executeMigration(one.context, one.guard, { planHash: moves.hash, typed: view.confirmation, patienceMs: 1_500 });
  await expect(requestApproval(asMara, maraKey, migrationToApprove(moves))).rejects.toMatchObject({
    code: 'not-approved',
  });
  await approveMigration(one.context, moves.hash);
  await expect(execute()).rejects.toMatchObject({ code: 'second-approval' });
  expect(await one.stripe.payouts()).toEqual([]);

  const request = await requestApproval(asMara, maraKey, migrationToApprove(moves));
  expect(request.subject).toMatchObject({ kind: 'migration', period: moves.period });
  const signed = JSON.stringify(await signApproval(there(), tomKey, request));
  await pinTom();
  await expect(accept(signed)).rejects.toMatchObject({ code: 'approval-unknown' });
  await acceptApproval(asMara, maraKey, migrationToApprove(moves), signed);
  await execute();
  expect((await migrationView(one.context, one.guard)).state).toBe('completed');
});
