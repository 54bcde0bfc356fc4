/** What is still owed, by name. Minor units. */
import type { NamedAmount } from '../../../shared/contract/balances';
import { min } from '../../../shared/money/money';
import type { Queries } from '../../store/store';
import type { ServiceContext } from '../context';
import { creatorCircumstances } from '../earnings';
import { accruing, type Obligation, type Obligations } from '../fund-tracking';
import { payoutMinimum, readSettings } from '../settings';
import { inSlices } from '../slices';
import { payoutKey, payoutsNow } from './payouts-now';

/** What is still owed, split by name; sums to the total owed. */
export async function owedParts(
  context: ServiceContext,
  rows: Obligations,
): Promise<ReadonlyMap<string, NamedAmount[]>> {
  const { db } = context.store;
  const settings = await readSettings(db);
  const circumstances = await creatorCircumstances(db);
  const { inTransit, cameBack } = await payoutsNow(db);
  const heldAtLast = await heldInLastPeriod(db);
  const names = [
    'In transit',
    'To be paid',
    'Carried forward',
    'Held',
    'Failed or returned',
    'Suspense',
    'Open month so far',
  ] as const;
  const details: Record<(typeof names)[number], string> = {
    'In transit': 'Payouts that Stripe is processing; owed until they are posted',
    'To be paid': 'Earned in calculated months, payable now',
    'Carried forward': 'Below the payout minimum',
    Held: 'On hold, without an account, or not payable at Stripe',
    'Failed or returned': 'A payout did not arrive; the amount stays in Storage',
    Suspense: 'Allocated to a creator nobody knows',
    'Open month so far': 'Net earnings of the month that is not calculated yet',
  };
  const month = (await accruing(context.store))?.period;
  const called = (name: (typeof names)[number]): string =>
    name === 'Open month so far' && month !== undefined ? `${month}, not calculated yet` : name;
  const sums = new Map<string, Map<(typeof names)[number], bigint>>();
  const add = (code: string, name: (typeof names)[number], amount: bigint): void => {
    if (amount === 0n) return;
    const ofCurrency = sums.get(code) ?? new Map();
    ofCurrency.set(name, (ofCurrency.get(name) ?? 0n) + amount);
    sums.set(code, ofCurrency);
  };
  const addRow = (row: Obligation): void => {
    if (row.suspense) {
      add(row.currency, 'Suspense', row.opening + row.openPeriod);
      return;
    }
    add(row.currency, 'Open month so far', row.openPeriod);
    const key = payoutKey(row.creatorId, row.currency);
    const moving = min(inTransit.get(key) ?? 0n, row.opening);
    add(row.currency, 'In transit', moving);
    const rest = row.opening - moving;
    const creator = circumstances.get(row.creatorId);
    if (cameBack.has(key)) add(row.currency, 'Failed or returned', rest);
    else if (
      creator === undefined ||
      creator.holdReason !== '' ||
      creator.stripeAccount === '' ||
      heldAtLast.has(key)
    ) {
      add(row.currency, 'Held', rest);
    } else if (rest < payoutMinimum(settings, row.currency)) add(row.currency, 'Carried forward', rest);
    else add(row.currency, 'To be paid', rest);
  };
  await inSlices(rows.length, (place) => addRow(rows.at(place)));
  return new Map(
    [...sums].map(([code, ofCurrency]) => [
      code,
      names.flatMap((name) => {
        const amount = ofCurrency.get(name);
        return amount === undefined ? [] : [{ name: called(name), detail: details[name], amount: String(amount) }];
      }),
    ]),
  );
}

/** Who was held in the last month that was calculated, Stripe's refusals included: nothing changed that until it is asked again. */
async function heldInLastPeriod(db: Queries): Promise<ReadonlySet<string>> {
  const last = await db
    .selectFrom('earning')
    .select(({ fn }) => fn.max('period').as('period'))
    .executeTakeFirst();
  if (!last?.period) return new Set();
  const rows = await db
    .selectFrom('earning')
    .select(['creator_id', 'currency'])
    .where('period', '=', last.period)
    .where('disposition', '=', 'held')
    .execute();
  return new Set(rows.map((row) => payoutKey(row.creator_id, row.currency)));
}
