/** earnings.forUser: one creator by id or e-mail; what it says is what the books and the statement say. */
import { describe, expect, test } from 'vitest';
import { earningsForUser, statementCsv, statementsCsv } from '../../../electron/services/earnings-for-user';
import { creatorStatement } from '../../../electron/services/statements';
import { setHold } from '../../../electron/services/stripe-transfer';
import { bench, csvRows, datasetLike } from './platform';

describe('A creator of the worked month', () => {
  test('pending while the month is open, available once it is calculated, paid at the end; by month and by subscriber', async () => {
    const one = await bench('worked');
    const { store } = one.platform;
    const own = async () => (await earningsForUser(store, { creatorId: 'c1' })).currencies;
    expect(await own()).toMatchObject([{ pending: '9765', available: '0', paid: '0', held: '0', lifetime: '0' }]);
    await one.through('earnings');
    expect(await own()).toMatchObject([{ pending: '0', available: '9765', paid: '0', lifetime: '9765' }]);
    await one.through('close');
    const { months, sources, sourceCount, ...rest } = await earningsForUser(store, { creatorId: 'c1' });
    expect(rest.currencies).toEqual([
      { currency: 'usd', pending: '0', available: '0', paid: '9765', held: '0', unfunded: '0', lifetime: '9765' },
    ]);
    expect(months).toEqual([
      {
        period: '2026-10',
        currency: 'usd',
        gross: '10500',
        fee: '735',
        net: '9765',
        paid: '9765',
        unfunded: '0',
        provisional: false,
      },
    ]);
    // Every cent of the gross has the subscriber it came from.
    expect(sources.reduce((sum, source) => sum + BigInt(source.funded), 0n)).toBe(10_500n);
    expect(sourceCount).toBe(15);
    expect(sources[0]).toMatchObject({ funded: '700', currency: 'usd' });
  });

  test('what is held is held, not available', async () => {
    const one = await bench('worked');
    await one.through('earnings');
    await setHold(one.context, 'c1', 'Tax form missing', 'Tax form missing');
    expect((await earningsForUser(one.platform.store, { creatorId: 'c1' })).currencies).toMatchObject([
      { available: '0', held: '9765' },
    ]);
  });

  test('what was allocated beyond the funds is unfunded, month by month, shared out as the calculation does', async () => {
    const header = 'allocation_id,subscriber_id,creator_id,period,currency,amount_minor,status,updated_at';
    const line = (id: string, creator: string, amount: number) =>
      `${id},s001,${creator},2026-10,usd,${amount},active,2026-10-20T12:00:00Z`;
    // s001 paid 10.00 and gave 20.00: half of each is funded.
    const one = await bench(
      await datasetLike('worked', {
        'allocations.csv': `${[header, line('a1', 'c1', 500), line('a2', 'c2', 1_500)].join('\n')}\n`,
      }),
    );
    const own = await earningsForUser(one.platform.store, { creatorId: 'c1' });
    expect(own.currencies).toMatchObject([{ unfunded: '250' }]);
    expect(own.months).toMatchObject([{ gross: '250', unfunded: '250', provisional: true }]);
    expect(own.sources).toEqual([
      { subscriberId: 's001', displayName: expect.any(String), currency: 'usd', funded: '250', unfunded: '250' },
    ]);
  });

  test('is found by e-mail in any case; nobody and two with the same address are refused', async () => {
    const one = await bench('worked');
    const { store } = one.platform;
    const { email } = await earningsForUser(store, { creatorId: 'c1' });
    expect((await earningsForUser(store, { email: email.toUpperCase() })).creatorId).toBe('c1');
    await expect(earningsForUser(store, { email: 'nobody@example.com' })).rejects.toMatchObject({
      code: 'creator-unknown',
    });
    await expect(earningsForUser(store, { creatorId: 'c99' })).rejects.toMatchObject({ code: 'creator-unknown' });
    await store.db.updateTable('creator').set({ email }).where('creator_id', '=', 'c2').execute();
    await expect(earningsForUser(store, { email })).rejects.toMatchObject({ code: 'creator-ambiguous' });
  });
});

describe('Statements as CSV', () => {
  test('of everyone: the same rows as earnings.csv; of some: theirs; of one: its own statement', async () => {
    const one = await bench('worked');
    await one.through('close');
    const { store } = one.platform;
    const all = await statementsCsv(store, []);
    expect({ creators: all.creators, rows: all.rows }).toEqual({ creators: 7, rows: 7 });
    const listed = await one.rows('earnings.csv');
    expect(csvRows(all.content)).toEqual(listed);
    const { email } = await earningsForUser(store, { creatorId: 'c3' });
    const some = await statementsCsv(store, ['c1', email, 'c1']);
    expect(csvRows(some.content).map((row) => row.creator_id)).toEqual(['c1', 'c3']);
    const { earnings } = await creatorStatement(store, 'c1');
    expect(csvRows(statementCsv('c1', earnings))).toEqual(listed.filter((row) => row.creator_id === 'c1'));
    await expect(statementsCsv(store, ['c1', 'c99'])).rejects.toMatchObject({ code: 'creator-unknown' });
  });
});
