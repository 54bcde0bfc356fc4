import { describe, expect, test } from 'vitest';
import { listSuspense, resolveSuspense } from '../../../electron/services/suspense';
import { addMonths } from '../../../shared/period/period';
import { bench } from './platform';

const GHOST = { creatorId: 'deleted_author', currency: 'usd' };

describe('Suspense is kept until a person resolves it with a reason', () => {
  test('given to a known creator, it is owed less the fee and paid with the next month; the fee leaves Storage as surplus', async () => {
    const one = await bench('edge', { playGuided: true });
    await one.through('close');
    expect(await listSuspense(one.platform.store.db)).toEqual([
      {
        period: one.period,
        creatorId: 'deleted_author',
        currency: 'usd',
        amount: '1234',
        allocations: 1,
        waitsFor: null,
      },
    ]);
    await resolveSuspense(one.context, { ...GHOST, assignTo: 'utf', reason: 'The author came back as utf' });
    expect(await listSuspense(one.platform.store.db)).toEqual([]);
    const next = addMonths(one.period, 1);
    await one.through('close', next);
    // 1234 less 7 % half up (86) is 1148: below the minimum, so it is carried by name.
    const earnings = await one.export('earnings.csv', next);
    expect(earnings).toContain(`${next},utf,usd,0,0,0,1148,1148,0,1148,carried`);
    expect(await one.coverage()).toMatchObject({ difference: '0', unexplained: '0' });
  });

  test('that nobody can claim becomes revenue and leaves Storage with the surplus of the month', async () => {
    const one = await bench('edge', { playGuided: true });
    await one.through('close');
    await resolveSuspense(one.context, { ...GHOST, assignTo: null, reason: 'Account deleted, no claim' });
    const next = addMonths(one.period, 1);
    await one.through('close', next);
    expect((await one.summary(next)).usd).toMatchObject({ surplus_release: '1234' });
  });

  test('is refused once the month end has begun, for nobody, and to nobody', async () => {
    const one = await bench('edge');
    await expect(
      resolveSuspense(one.context, { ...GHOST, assignTo: 'utf', reason: 'too early' }),
    ).rejects.toMatchObject({
      code: 'suspense-none',
    });
    await one.through('earnings');
    await expect(resolveSuspense(one.context, { ...GHOST, assignTo: 'utf', reason: 'begun' })).rejects.toMatchObject({
      code: 'month-end-begun',
    });
    await one.through('close');
    await expect(
      resolveSuspense(one.context, { ...GHOST, assignTo: 'nobody', reason: 'unknown' }),
    ).rejects.toMatchObject({
      code: 'creator-unknown',
    });
  });
});
