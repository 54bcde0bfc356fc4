import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, errorOf, fund, pay, startBench } from './harness';

let bench: Bench;
const made: string[] = [];
let moment = Date.parse('2026-10-01T00:00:00Z');
beforeAll(async () => {
  bench = await startBench({ now: () => new Date(moment) });
  for (let i = 0; i < 7; i++) {
    moment += 1_000;
    made.unshift((await fund(bench, 100)).id);
  }
});
afterAll(() => bench.close());

test('v1 lists are newest first and page forwards and backwards', async () => {
  const first = await bench.stripe.payouts.list({ limit: 3 });
  expect(first).toMatchObject({ object: 'list', url: '/v1/payouts', has_more: true });
  expect(first.data.map((row) => row.id)).toEqual(made.slice(0, 3));
  const second = await bench.stripe.payouts.list({ limit: 3, starting_after: made[2] ?? '' });
  expect(second.data.map((row) => row.id)).toEqual(made.slice(3, 6));
  const third = await bench.stripe.payouts.list({ limit: 3, starting_after: made[5] ?? '' });
  expect(third).toMatchObject({ has_more: false, data: [{ id: made[6] }] });
  const back = await bench.stripe.payouts.list({ limit: 3, ending_before: made[6] ?? '' });
  expect(back.data.map((row) => row.id)).toEqual(made.slice(3, 6));
  expect(back.has_more).toBe(true);
});

test('v1 lists page by themselves in the package', async () => {
  const seen: string[] = [];
  for await (const row of bench.stripe.payouts.list({ limit: 2 })) seen.push(row.id);
  expect(seen).toEqual(made);
});

test('v1 lists are cut by creation time', async () => {
  const start = Date.parse('2026-10-01T00:00:00Z') / 1000;
  const ids = async (created: { gt?: number; gte?: number; lt?: number; lte?: number } | number) =>
    (await bench.stripe.payouts.list({ created })).data.map((row) => row.id);
  expect(await ids({ gte: start + 6 })).toEqual(made.slice(0, 2));
  expect(await ids({ gt: start + 6 })).toEqual(made.slice(0, 1));
  expect(await ids({ lt: start + 2 })).toEqual(made.slice(6));
  expect(await ids({ gt: start + 2, lte: start + 4 })).toEqual(made.slice(3, 5));
  expect(await ids(start + 1)).toEqual(made.slice(6));
});

test('limits and cursors are checked', async () => {
  expect(await errorOf(bench.stripe.payouts.list({ limit: 101 }))).toMatchObject({
    code: 'parameter_invalid_integer',
    param: 'limit',
  });
  expect(await errorOf(bench.stripe.payouts.list({ starting_after: 'po_x' }))).toMatchObject({
    code: 'resource_missing',
    param: 'starting_after',
  });
});

test('balance transactions are filtered by type, currency and source', async () => {
  expect(
    (await bench.stripe.balanceTransactions.list({ type: 'payout', currency: 'usd', limit: 100 })).data,
  ).toHaveLength(7);
  expect((await bench.stripe.balanceTransactions.list({ type: 'charge', currency: 'eur' })).data).toEqual([]);
  expect((await bench.stripe.balanceTransactions.list({ source: made[0] ?? '' })).data).toHaveLength(1);
  expect((await bench.stripe.balanceTransactions.list({ payout: made[0] ?? '' })).data).toEqual([]);
});

test('v2 lists page with next_page_url and keep their filters', async () => {
  for (let i = 0; i < 5; i++) await pay(bench, 'acct_anna', 1 + i);
  await pay(bench, 'acct_ben', 50);
  const seen: number[] = [];
  for await (const row of bench.stripe.v2.moneyManagement.outboundPayments.list({ limit: 2, recipient: 'acct_anna' }))
    seen.push(row.amount.value);
  expect(seen).toEqual([5, 4, 3, 2, 1]);
  // Also for a caller who follows the link as it is.
  const first = await bench.stripe.v2.moneyManagement.outboundPayments.list({ limit: 2, recipient: 'acct_anna' });
  expect(first.previous_page_url).toBeNull();
  const follow = (url: string | null) =>
    fetch(`${bench.server.url}${url}`, { headers: { authorization: 'Bearer sk_test_sandboxKey1234' } }).then(
      (response) => response.json(),
    );
  const second = await follow(first.next_page_url);
  expect(second.data.map((row: { amount: { value: number } }) => row.amount.value)).toEqual([3, 2]);
  const back = await follow(second.previous_page_url);
  expect(back.data.map((row: { amount: { value: number } }) => row.amount.value)).toEqual([5, 4]);
  expect(back.previous_page_url).toBeNull();
});

test('v2 lists are cut by creation time, in seconds or as timestamps', async () => {
  const list = bench.stripe.v2.moneyManagement.receivedCredits;
  const from = Date.parse('2026-10-01T00:00:06Z') / 1000;
  const bySecond = await list.list({ created: { gte: from } });
  const response = await fetch(
    `${bench.server.url}/v2/money_management/received_credits?created[gte]=2026-10-01T00:00:06Z`,
    {
      headers: { authorization: 'Bearer sk_test_sandboxKey1234' },
    },
  );
  expect((await response.json()).data.length).toBe(bySecond.data.length);
  expect(bySecond.data.length).toBeGreaterThan(0);
  expect(bySecond.data.length).toBeLessThan(7);
});
