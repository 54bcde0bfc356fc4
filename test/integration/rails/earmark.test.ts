import { describe, expect, it } from 'vitest';
import { all, movement, USD, usd, world } from './harness';

const earmark = (more = {}) => world({ rail: 'earmark', ...more });

describe('the earmark rail', () => {
  it('funds and releases in the ledger only: posted at once, no call is made', async () => {
    const w = await earmark();
    for (const kind of ['fund', 'release'] as const) {
      const move = movement(w, kind, 500n);
      expect(move.request.api).toBe('none');
      expect(await w.rail.send(move)).toEqual({ state: 'posted', stripeObject: null, requestId: null });
      expect(await w.rail.lookup(move)).toMatchObject({ state: 'posted' });
    }
    expect(w.statuses).toEqual([]);
  });

  it('pays by a transfer, which is posted when it is made, once for the same key sent twice', async () => {
    const w = await earmark();
    const pay = movement(w, 'pay', 500n);
    expect(await w.rail.send(pay)).toMatchObject({ state: 'posted', stripeObject: expect.stringMatching(/^tr_/) });
    await w.rail.send(pay);
    expect(await w.rail.lookup(pay)).toMatchObject({ state: 'posted' });
    expect(await usd(w)).toMatchObject({ paymentsAvailable: 99_500n, storageAvailable: 0n });
  });

  it('fails when the account may not receive transfers, or Payments holds too little', async () => {
    const w = await earmark();
    await w.sandbox('POST', 'accounts', { id: 'acct_bea', transfers: 'inactive' });
    expect(await w.rail.send(movement(w, 'pay', 500n, { to: 'acct_bea' }))).toMatchObject({
      state: 'failed',
      code: 'insufficient_capabilities_for_transfer',
    });
    expect(await w.rail.send(movement(w, 'pay', 100_001n))).toMatchObject({
      state: 'failed',
      code: 'balance_insufficient',
    });
  });

  it('finds a transfer whose reply was lost by its metadata', async () => {
    const w = await earmark();
    await w.sandbox('POST', 'faults', { kind: 'drop_after_execute', method: 'POST', path: '/v1/transfers' });
    const lost = movement(w, 'pay', 500n);
    expect(await w.rail.send(lost)).toMatchObject({ state: 'unknown' });
    expect(await w.rail.lookup(lost)).toMatchObject({ state: 'posted', stripeObject: expect.stringMatching(/^tr_/) });
    const never = movement(w, 'pay', 600n);
    expect(await w.rail.lookup(never)).toEqual({ state: 'absent' });
  });

  it('calls a reversed transfer returned', async () => {
    const w = await earmark();
    const pay = movement(w, 'pay', 500n);
    const sent = await w.rail.send(pay);
    if (!('stripeObject' in sent) || sent.stripeObject === null) throw new Error('not sent');
    const reversal = await w.client.post(`/v1/transfers/${sent.stripeObject}/reversals`, {}, 'reversal');
    expect(reversal.ok).toBe(true);
    expect((await w.rail.refresh([{ ...pay, stripeObject: sent.stripeObject }])).get(pay.order.intentId)).toMatchObject(
      {
        state: 'returned',
        code: 'reversed',
      },
    );
  });

  it('has nothing to cancel: a transfer that was made stays posted', async () => {
    const w = await earmark();
    const pay = movement(w, 'pay', 500n);
    await w.rail.send(pay);
    expect(await w.rail.cancel(pay)).toMatchObject({ state: 'posted' });
  });

  it('pays who has active transfers and enabled payouts', async () => {
    const w = await earmark();
    const refusals = await w.rail.refusals(['acct_ada', 'acct_off', 'acct_nobody']);
    expect([...refusals.keys()].sort()).toEqual(['acct_nobody', 'acct_off']);
  });

  it('reads many accounts from the list', async () => {
    const ids = Array.from({ length: 150 }, (_, index) => `acct_n${index}`);
    const w = await earmark({
      seed: {
        payments_available: { usd: 1 },
        storage_available: {},
        accounts: ids.map((id) => ({ id, payouts_enabled: id !== 'acct_n77' })),
      },
    });
    const refusals = await w.rail.refusals([...ids, 'acct_nobody']);
    expect([...refusals.keys()].sort()).toEqual(['acct_n77', 'acct_nobody']);
    expect(w.statuses.length).toBeLessThan(5);
  });

  it('says plainly that nothing is kept apart at Stripe', async () => {
    const w = await earmark();
    expect(w.rail.capabilities.segregatedAtStripe).toBe(false);
    expect(await w.rail.findings([USD])).toContainEqual(
      expect.objectContaining({ code: 'not-segregated', outcome: 'information' }),
    );
  });

  it('shows only lines of Payments', async () => {
    const w = await earmark();
    await w.rail.send(movement(w, 'pay', 500n));
    const lines = await all(w.rail.lines(new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)));
    expect(lines.map((line) => [line.side, line.amount])).toEqual([['payments', -500n]]);
  });
});
