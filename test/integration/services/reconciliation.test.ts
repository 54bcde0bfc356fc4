/** Every line at Stripe against every entry of ours; what is not ours stops the month until somebody explains it. */
import { expect, test } from 'vitest';
import { STORAGE, STRIPE_COSTS } from '../../../electron/ledger/accounts';
import { balance } from '../../../electron/ledger/ledger';
import { listAlerts } from '../../../electron/services/alerts';
import { listAudit } from '../../../electron/services/audit';
import { BalanceMonitor } from '../../../electron/services/balance-monitoring';
import {
  daysOfPeriod,
  exceptionDetail,
  listLines,
  noteException,
  proveBalances,
  reconciliationSummary,
  resolveException,
  takeException,
} from '../../../electron/services/reconciliation';
import { period as toPeriod } from '../../../shared/period/period';
import { type Bench, bench, KEY, ledgerProblems } from './platform';

async function openAlerts(one: Bench, family: string) {
  return (await listAlerts(one.platform.store.db, false)).filter((alert) => alert.condition.startsWith(`${family}:`));
}

test('opening plus every line is what Stripe says, for both balances, with charges, fees, refunds and disputes in between', async () => {
  const one = await bench('worked');
  await one.through('fund');
  const { stripe } = one;
  const charge = (await stripe.control('POST', 'charges', { amount: 5_000, currency: 'usd', fee: 175 })) as {
    id: string;
  };
  await stripe.control('POST', 'refunds', { charge: charge.id, amount: 1_000 });
  const disputed = (await stripe.control('POST', 'charges', { amount: 3_000, currency: 'usd', fee: 117 })) as {
    id: string;
  };
  await stripe.control('POST', 'disputes', { charge: disputed.id, fee: 1_500 });
  await one.through('reconcile');
  const proofs = await proveBalances(one.context);
  expect(proofs.map((proof) => [proof.side, proof.currency, proof.difference])).toEqual([
    ['payments', 'usd', 0n],
    ['storage', 'usd', 0n],
  ]);
  expect(await ledgerProblems(one)).toEqual([]);
  await one.through('close');
  const outcomes = new Set((await one.rows('reconciliation.csv')).map((row) => row.outcome));
  expect(outcomes).toEqual(new Set(['matched']));
  const days = await daysOfPeriod(one.platform.store.db, toPeriod('2026-11'));
  expect(
    days.map(({ side, lines }) => [side, Object.fromEntries(lines.map(({ kind, amount }) => [kind, amount]))]),
  ).toEqual([
    ['payments', { movement: expect.any(String), receipt: '7708', refund: '-1000', dispute: '-4500' }],
    ['storage', { movement: expect.any(String) }],
  ]);
  for (const { opening, lines, closing } of days) {
    expect(lines.reduce((sum, { amount }) => sum + BigInt(amount), BigInt(opening))).toBe(BigInt(closing));
  }
  expect(days.map(({ closing }) => closing)).toEqual(proofs.map((proof) => String(proof.closing)));
});

test('a line of ours says which movement it belongs to', async () => {
  const one = await bench('worked');
  await one.through('reconcile');
  const { rows } = await listLines(one.platform.store, { period: one.period, offset: 0, limit: 500 });
  const ours = rows.filter((row) => row.intentId !== null);
  expect(ours.length).toBeGreaterThan(7);
  expect(new Set(ours.map((row) => row.movement?.kind))).toEqual(new Set(['fund', 'pay']));
  expect(new Set(ours.map((row) => row.movement?.part))).toEqual(new Set(['month-end']));
  expect(rows.filter((row) => row.intentId === null).every((row) => row.movement === null)).toBe(true);
});

test('money that leaves Storage outside Coffer raises one critical alert, once, however often it is read', async () => {
  const one = await bench('worked');
  await one.through('fund');
  await one.stripe.control('POST', 'dashboard/payout', { amount: 1_000, currency: 'usd' });
  const monitor = new BalanceMonitor(one.context);
  for (let poll = 0; poll < 3; poll++) {
    one.clock.advance(300_000);
    await monitor.poll();
  }
  const alerts = await openAlerts(one, 'outside');
  expect(alerts).toHaveLength(1);
  expect(alerts[0]).toMatchObject({ severity: 'critical' });
  expect(alerts[0]?.title).toContain('10.00 USD');
  expect(await openAlerts(one, 'coverage')).toHaveLength(1);
  expect(await openAlerts(one, 'drift')).toHaveLength(1);
  expect(await one.coverage()).toMatchObject({ difference: '-1000', unexplained: '-1000', coverageBps: 9_846 });
  const all = await one.platform.store.db.selectFrom('alert').select('condition').execute();
  expect(new Set(all.map((row) => row.condition)).size).toBe(all.length);
});

test('drift is an alert only once it has lasted two readings', async () => {
  const one = await bench('worked');
  await one.through('fund');
  await one.stripe.control('POST', 'dashboard/payout', { amount: 1_000, currency: 'usd' });
  await new BalanceMonitor(one.context).poll();
  expect(await openAlerts(one, 'drift')).toEqual([]);
  one.clock.advance(300_000);
  await new BalanceMonitor(one.context).poll();
  expect(await openAlerts(one, 'drift')).toHaveLength(1);
});

test('an outside movement blocks reconcile until it is explained; the money has to come back before the month closes', async () => {
  const one = await bench('worked');
  await one.through('pay');
  // 10.00 too much: somebody moved money of the platform into Storage.
  await one.stripe.control('POST', 'dashboard/transfer', {
    from: 'payments',
    to: 'storage',
    amount: 1_000,
    currency: 'usd',
  });
  const blocked = await one.step('reconcile');
  expect(blocked.blockers.map((blocker) => blocker.code)).toContain('exceptions');
  expect(await one.state()).toBe('paid');

  const exceptions = (
    await listLines(one.platform.store, { period: one.period, offset: 0, limit: 50, outcome: 'exception' })
  ).rows;
  expect(exceptions.length).toBeGreaterThan(0);
  for (const line of exceptions)
    await resolveException(one.context, line.stripeId, 'Transfer of 10.00 by the treasurer, ticket 118');
  await one.acknowledgeAll();
  expect((await one.step('reconcile')).blockers).toEqual([]);
  const close = await one.step('close');
  expect(close.blockers.map((blocker) => blocker.code)).toEqual(['storage-differs-usd']);
  expect(close.blockers[0]?.message).toContain('Storage holds 10.00 USD; 0.00 USD is still owed');
  expect(await one.coverage()).toMatchObject({ unexplained: '0' });
  expect(await ledgerProblems(one)).toEqual([]);
});

test('an explained line keeps its explanation, who gave it and its alert ends', async () => {
  const one = await bench('worked');
  await one.through('fund');
  await one.stripe.control('POST', 'dashboard/payout', { amount: 1_000, currency: 'usd' });
  await new BalanceMonitor(one.context).poll();
  const { rows } = await listLines(one.platform.store, {
    period: one.period,
    offset: 0,
    limit: 50,
    outcome: 'exception',
  });
  expect(rows.map((row) => [row.side, row.amount])).toEqual([['storage', '-1000']]);
  const id = rows[0]?.stripeId ?? '';
  await resolveException(one.context, id, 'Sent by mistake, claimed back');
  await expect(resolveException(one.context, 'txn_nobody', 'x')).rejects.toMatchObject({ code: 'line-unknown' });
  one.clock.advance(300_000);
  await new BalanceMonitor(one.context).poll();
  expect(await openAlerts(one, 'outside')).toEqual([]);
  // It is explained, and still missing: the obligations are not covered.
  expect(await one.coverage()).toMatchObject({ difference: '-1000', unexplained: '0' });
  const after = (
    await listLines(one.platform.store, { period: one.period, offset: 0, limit: 50, outcome: 'exception' })
  ).rows;
  expect(after[0]).toMatchObject({ explanation: 'Sent by mistake, claimed back', resolvedBy: 'Test' });
});

test('an exception is explained once: a second explanation posts nothing more', async () => {
  const one = await bench('worked');
  await one.through('fund');
  await one.stripe.control('POST', 'dashboard/payout', { amount: 1_000, currency: 'usd' });
  await new BalanceMonitor(one.context).poll();
  const { rows } = await listLines(one.platform.store, {
    period: one.period,
    offset: 0,
    limit: 50,
    outcome: 'exception',
  });
  const id = rows[0]?.stripeId ?? '';
  await resolveException(one.context, id, 'Sent by mistake');
  await resolveException(one.context, id, 'Sent by mistake, again').catch(() => undefined);
  expect(await one.coverage()).toMatchObject({ difference: '-1000', unexplained: '0' });
});

test('money that left Storage before paying: the step says what is there and what is needed, and pays nobody', async () => {
  const one = await bench('worked');
  await one.through('approve');
  await one.stripe.control('POST', 'dashboard/payout', { amount: 1_000, currency: 'usd' });
  const { blockers } = await one.step('pay');
  expect(blockers.map((blocker) => blocker.code)).toEqual(['storage-low-usd']);
  expect(blockers[0]?.message).toContain('641.00 USD');
  expect(blockers[0]?.message).toContain('651.00 USD');
  expect(await one.stripe.outboundPayments()).toEqual([]);
});

async function exceptionsOf(one: Bench) {
  const request = { period: one.period, offset: 0, limit: 50, outcome: 'exception' } as const;
  return (await listLines(one.platform.store, request)).rows;
}

test('money moved by hand between the balances raises one critical alert within one reading, named in Storage, though it has two lines', async () => {
  const one = await bench('worked');
  await one.through('fund');
  await one.stripe.control('POST', 'dashboard/transfer', {
    from: 'payments',
    to: 'storage',
    amount: 1_000,
    currency: 'usd',
  });
  const monitor = new BalanceMonitor(one.context);
  await monitor.poll();
  const [alert, ...more] = await openAlerts(one, 'outside');
  expect(more).toEqual([]);
  expect(alert).toMatchObject({ severity: 'critical', title: 'Money moved in Storage outside Coffer: 10.00 USD' });
  for (let again = 0; again < 3; again++) {
    one.clock.advance(300_000);
    await monitor.poll();
  }
  const rows = await one.platform.store.db
    .selectFrom('alert')
    .selectAll()
    .where('condition', 'like', 'outside:%')
    .execute();
  expect(rows).toHaveLength(1);
  expect((await exceptionsOf(one)).map((row) => [row.side, row.class])).toEqual([
    ['payments', 'outside-movement'],
    ['storage', 'outside-movement'],
  ]);
});

test('a payout of Payments to the bank that Coffer did not make raises its critical alert within one reading', async () => {
  const one = await bench('worked');
  await one.through('fund');
  const reply = await fetch(`${one.stripe.url}/v1/payouts`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${KEY}`,
      'stripe-version': '2026-10-28.endive',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'amount=700&currency=usd',
  });
  expect(reply.status).toBe(200);
  await new BalanceMonitor(one.context).poll();
  expect((await openAlerts(one, 'outside')).map((alert) => [alert.severity, alert.title])).toEqual([
    ['critical', 'Money moved in Payments outside Coffer: -7.00 USD'],
  ]);
});

test('an exception shows both sides, is taken, noted and resolved against the account that was chosen; nothing that was there changes', async () => {
  const one = await bench('worked');
  await one.through('fund');
  await one.stripe.control('POST', 'dashboard/payout', { amount: 1_000, currency: 'usd' });
  await new BalanceMonitor(one.context).poll();
  const [row] = await exceptionsOf(one);
  const id = row?.lineId ?? '';
  const { db } = one.platform.store;
  const before = await exceptionDetail(db, id);
  expect(before).toMatchObject({
    line: { class: 'outside-movement', owner: null, note: null },
    account: 'platform-funds',
    correction: [{ currency: 'usd', amount: '-1000' }],
    atStripe: [{ side: 'storage', amount: '-1000', type: 'outbound_transfer' }],
    inBooks: [],
    history: [],
  });
  expect((await reconciliationSummary(one.context, one.period)).classes).toEqual([
    { class: 'outside-movement', open: 1 },
  ]);

  await takeException(one.context, id, true);
  await noteException(one.context, id, 'Asked treasury on the 2nd');
  const mine = { period: one.period, offset: 0, limit: 50, owner: 'me' } as const;
  expect((await listLines(one.platform.store, mine, 'Test')).rows.map((line) => line.note)).toEqual([
    'Asked treasury on the 2nd',
  ]);
  expect((await listLines(one.platform.store, mine, 'Somebody else')).total).toBe(0);
  expect((await listLines(one.platform.store, { ...mine, owner: 'nobody' })).total).toBe(0);

  const entries = await db.selectFrom('ledger_entry').selectAll().execute();
  const storage = await balance(db, STORAGE, 'usd');
  await resolveException(one.context, id, 'A fee of the bank', 'stripe-costs');
  expect(await balance(db, STORAGE, 'usd')).toBe(storage - 1_000n);
  expect(await balance(db, STRIPE_COSTS, 'usd')).toBe(1_000n);
  expect((await db.selectFrom('ledger_entry').selectAll().execute()).slice(0, entries.length)).toEqual(entries);
  const after = await exceptionDetail(db, id);
  expect(after.correction).toEqual([]);
  expect(after.inBooks.map((entry) => [entry.account, entry.amount])).toEqual([
    [STORAGE, '-1000'],
    [STRIPE_COSTS, '1000'],
  ]);
  expect(after.history.map((event) => event.text)).toEqual([
    'Took it',
    'Noted: Asked treasury on the 2nd',
    'Resolved: A fee of the bank',
  ]);
  await expect(takeException(one.context, id, true)).rejects.toMatchObject({ code: 'line-unknown' });
  await expect(noteException(one.context, id, 'x')).rejects.toMatchObject({ code: 'line-unknown' });
  const { rows } = await listAudit(db, { search: id, offset: 0, limit: 10 });
  const ofLine = rows.filter((event) => event.action.startsWith('reconciliation.'));
  expect(ofLine).toHaveLength(3);
  for (const event of ofLine) {
    expect(event.subject).toBe(id);
    expect(event.subjectLabel).toMatch(/^Outbound transfer of \d{4}-\d\d-\d\d in Storage, -10\.00 USD$/);
  }
  // Minor units stay in the log; what people read has its decimals and its currency.
  expect(ofLine[0]?.detail).toContain('amount -10.00 USD');
  expect(ofLine[0]?.detail).toContain('posted -10.00 USD');
  const csv = await one.export('reconciliation.csv');
  expect(csv).toContain('exception,Outside movement: A fee of the bank');
});

test('a movement of ours that Stripe does not show blocks as timing at first, and is an exception a day later', async () => {
  const one = await bench('worked');
  await one.through('pay');
  const { db } = one.platform.store;
  const paid = await db
    .selectFrom('intent_state')
    .select('intent_id')
    .where('kind', '=', 'pay')
    .executeTakeFirstOrThrow();
  // As if Stripe had never listed it: its line is gone from what is known, and nothing at Stripe names it any more.
  await db.deleteFrom('stripe_line').where('intent_id', '=', paid.intent_id).execute();
  const rail = one.context.rail;
  const read = rail.lines.bind(rail);
  const object = (
    await db
      .selectFrom('intent_state')
      .select('stripe_object')
      .where('intent_id', '=', paid.intent_id)
      .executeTakeFirstOrThrow()
  ).stripe_object;
  rail.lines = async function* (from, to) {
    for await (const line of read(from, to)) if (line.source !== object) yield line;
  };
  expect((await one.step('reconcile')).blockers.map((blocker) => blocker.code)).toContain(
    `missing-${paid.intent_id}-storage`,
  );
  one.clock.advance(25 * 3_600_000);
  expect((await one.step('reconcile')).blockers.map((blocker) => blocker.code)).toContain('exceptions');
  const [row] = await exceptionsOf(one);
  expect(row).toMatchObject({ side: 'ledger', class: 'unknown-to-stripe', intentId: paid.intent_id });
  await takeException(one.context, row?.lineId ?? '', true);
  const taken = await listAudit(db, { search: 'reconciliation.taken', offset: 0, limit: 1 });
  expect(taken.rows[0]?.subjectLabel).toMatch(/^Missing at Stripe: Payout to .+, [\d,.]+ USD$/);
  rail.lines = read;
  expect((await one.step('reconcile')).blockers).toEqual([]);
  expect(await exceptionsOf(one)).toEqual([]);
});
