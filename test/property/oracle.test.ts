/**
 * Every rule of money and of the month's calculation against an oracle that is written another way, in exact fractions, from
 * docs/rules.md. An ordinary run tries some thousands of cases of each rule; `npm run test:properties` tries 100,000.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { amountText } from '../../shared/money/amount-text';
import { platformFee } from '../../shared/money/fee';
import {
  abs,
  type Currency,
  currency,
  fromDecimal,
  max,
  min,
  minorUnitDigits,
  sum,
  toDecimal,
} from '../../shared/money/money';
import { splitLargestRemainder } from '../../shared/money/split';
import {
  type AllocationWish,
  calculateCurrency,
  fundAllocations,
  fundingOf,
  isHalfUnused,
  type PaymentFunds,
  planDisposition,
  storageTarget,
  usageBand,
} from '../../shared/period/calculation';
import { coverageBps, coverageDifference, splitBand } from '../../shared/period/coverage';
import { currencyRows } from '../month-rows';
import { Rational } from './rational';
import { always } from './seed';

const RUNS = Number(process.env.COFFER_PROPERTY_RUNS ?? 3_000);
const TIMEOUT_MS = Math.max(60_000, RUNS * 20);

const tried: string[] = [];
afterAll(() => console.log(`Cases per rule: ${RUNS}. Rules: ${tried.join(', ')}`));

function rule(name: string, property: fc.IRawProperty<unknown>): void {
  test(
    name,
    async () => {
      await always(property, RUNS);
      tried.push(name);
    },
    TIMEOUT_MS,
  );
}

const anyAmount = fc.oneof(
  fc.bigInt({ min: -200n, max: 200n }),
  fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
  fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
);
const amount = anyAmount.map((value) => (value < 0n ? -value : value));
const bps = fc.oneof(fc.constantFrom(0, 1, 700, 3_333, 5_000, 9_999, 10_000), fc.integer({ min: 0, max: 10_000 }));
const code = fc.constantFrom(...['usd', 'eur', 'jpy', 'krw', 'kwd', 'bhd'].map(currency));
const whole = (value: bigint) => Rational.of(value);

/** Text as people type and paste it: plain, grouped well and badly, with too few or too many decimals, or no number at all. */
const typed = fc.oneof(
  fc
    .tuple(fc.constantFrom('', '-'), fc.nat(9_999_999), fc.constantFrom('', '.', '.5', '.50', '.500', '.05'))
    .map(([sign, value, fraction]) => `${sign}${value}${fraction}`),
  fc
    .tuple(fc.array(fc.nat(1_200), { minLength: 1, maxLength: 4 }), fc.constantFrom('', '.00', '.000'))
    .map(
      ([groups, fraction]) =>
        `${groups.map((group, i) => (i === 0 ? group : String(group).padStart(3, '0'))).join(',')}${fraction}`,
    ),
  fc.string({ maxLength: 8, unit: fc.constantFrom(...'0123456789.,- e+x') }),
);

describe('money', () => {
  rule(
    'arithmetic: sums, greater, smaller and magnitude',
    fc.property(fc.array(anyAmount, { maxLength: 20 }), anyAmount, anyAmount, (list, a, b) => {
      const exact = list.reduce((total, one) => total.plus(whole(one)), whole(0n));
      expect(whole(sum(list)).compare(exact)).toBe(0);
      expect(max(a, b)).toBe(whole(a).compare(whole(b)) >= 0 ? a : b);
      expect(min(a, b)).toBe(whole(a).compare(whole(b)) <= 0 ? a : b);
      expect(abs(a)).toBe(whole(a).compare(whole(0n)) < 0 ? whole(0n).minus(whole(a)).numerator : a);
    }),
  );

  rule(
    'format: the text is the exact fraction of the major unit, with the decimals of the currency',
    fc.property(anyAmount, code, (value, unit) => {
      const digits = minorUnitDigits(unit);
      const text = toDecimal(value, unit);
      expect(Rational.parse(text).compare(Rational.of(value, 10n ** BigInt(digits)))).toBe(0);
      expect(text.split('.')[1]?.length ?? 0).toBe(digits);
      const inSentence = amountText(value, unit);
      expect(inSentence.replaceAll(',', '')).toBe(`${text} ${unit.toUpperCase()}`);
      const [head = '', ...groups] = (inSentence.replace('-', '').split(/[ .]/)[0] ?? '').split(',');
      expect(head.length >= 1 && head.length <= 3 && groups.every((group) => group.length === 3)).toBe(true);
    }),
  );

  rule(
    'parse: what reads as an amount is the exact fraction, and nothing else is read',
    fc.property(code, typed, (unit, text) => {
      const read = fromDecimal(text, unit);
      const expected = readByHand(text, unit);
      expect(read === undefined).toBe(expected === undefined);
      if (read !== undefined && expected !== undefined) expect(whole(read).compare(expected)).toBe(0);
    }),
  );

  rule(
    'fee: the exact share, rounded half away from zero',
    fc.property(anyAmount, bps, (gross, rate) => {
      expect(platformFee(gross, rate)).toBe(
        whole(gross)
          .times(Rational.of(BigInt(rate), 10_000n))
          .nearest(),
      );
    }),
  );

  rule(
    'split: floors of the exact quotas, left-over units one by one to the largest remainder, ties by bytes of the id',
    fc.property(amount, shares(), (total, list) => {
      expect(splitLargestRemainder(total, list)).toEqual(splitByHand(total, list));
    }),
  );
});

describe('the month', () => {
  rule(
    'lapse: allocations are funded in full or by their share, and what nobody allocated is left over',
    fc.property(amount, shares(), (funds, list) => {
      const wanted = list.map(({ id, weight }) => ({ id, amount: weight }));
      const asked = wanted.reduce((total, one) => total.plus(whole(one.amount)), whole(0n));
      const funded = fundAllocations(funds, wanted);
      const covered = asked.compare(whole(funds)) <= 0;
      expect(funded).toEqual(covered ? wanted.map((one) => one.amount) : splitByHand(funds, list));
      const over = whole(funds).minus(whole(sum(funded)));
      expect(over.compare(covered ? whole(funds).minus(asked) : whole(0n))).toBe(0);
      const share = funds === 0n ? whole(0n) : over.over(whole(funds));
      const half = Rational.of(1n, 2n);
      const expected = share.compare(half) > 0 ? 'low' : share.compare(Rational.of(1n, 4n)) > 0 ? 'medium' : 'high';
      expect(usageBand(funds, over.numerator)).toBe(expected);
      expect(isHalfUnused(funds, over.numerator)).toBe(funds > 0n && share.compare(half) >= 0);
    }),
  );

  rule(
    'netting: a whole month, creator by creator and subscriber by subscriber',
    fc.property(month(), (given) => {
      const result = calculateCurrency({
        ...given,
        rows: currencyRows(given.payments, given.allocations),
        isKnownCreator: (id) => !id.startsWith('ghost'),
      });
      const exact = monthByHand(given);
      expect(new Map(result.creators.map((one) => [one.creatorId, one]))).toEqual(exact.creators);
      expect(new Map(result.suspense)).toEqual(exact.suspense);
      const over = new Map(
        result.subscribers.map((one) => [one.subscriberId, [one.funds, one.unallocated, one.unfunded]]),
      );
      expect(over).toEqual(exact.subscribers);
      const { totals } = result;
      expect(totals.collected).toBe(totals.net + totals.fee + totals.suspense + totals.unallocated);
      expect(totals.platformRevenue).toBe(totals.fee + totals.unallocated);
    }),
  );

  rule(
    'minimum and carry: nothing, held with every reason, carried below the minimum, else paid',
    fc.property(
      fc.oneof(fc.constant(0n), amount),
      fc.oneof(fc.constant(0n), amount),
      fc.constantFrom('', 'tax form missing'),
      fc.constantFrom('', 'acct_1'),
      fc.constantFrom(null, 'Stripe is still checking the account.'),
      fc.integer({ min: -1, max: 1 }),
      (payable, anyMinimum, holdReason, stripeAccount, stripeRefusal, beside) => {
        // Half of the time right at the boundary.
        const near = payable + BigInt(beside);
        const minimum = anyMinimum % 2n === 0n && near >= 0n ? near : anyMinimum;
        const { disposition, reasons } = planDisposition(payable, {
          holdReason,
          stripeAccount,
          stripeRefusal,
          minimum,
        });
        const causes = [holdReason !== '', stripeAccount === '', stripeAccount !== '' && stripeRefusal !== null];
        const held = causes.filter(Boolean).length;
        const short = whole(payable).compare(whole(minimum)) < 0;
        expect(disposition).toBe(payable === 0n ? 'none' : held > 0 ? 'held' : short ? 'carried' : 'paid');
        expect(reasons).toHaveLength(payable === 0n ? 0 : held > 0 ? held : short ? 1 : 0);
      },
    ),
  );

  rule(
    'funding: up to the target or down to it, never both',
    fc.property(amount, amount, amount, amount, amount, fc.boolean(), (opening, gross, fee, kept, available, net) => {
      const payable = opening + gross - (fee > gross ? gross : fee);
      const target = storageTarget(net ? 'net' : 'gross', { opening, gross, payable }, kept);
      const exact = whole(kept).plus(net ? whole(payable) : whole(opening).plus(whole(gross)));
      expect(whole(target).compare(exact)).toBe(0);
      const { fund, surplus } = fundingOf(target, available);
      expect(whole(available).plus(whole(fund)).minus(whole(surplus)).compare(exact)).toBe(0);
      expect(fund >= 0n && surplus >= 0n && (fund === 0n || surplus === 0n)).toBe(true);
    }),
  );

  rule(
    'coverage: the exact quotient in basis points rounded down, full only when nothing is missing, and the bands',
    fc.property(amount, amount, amount, amount, (storageAvailable, inboundPending, outboundPending, owed) => {
      const terms = { storageAvailable, inboundPending, outboundPending, owed };
      const held = whole(storageAvailable).plus(whole(inboundPending)).plus(whole(outboundPending));
      expect(whole(coverageDifference(terms)).compare(held.minus(whole(owed)))).toBe(0);
      const covered = coverageBps(terms);
      if (owed === 0n) expect(covered).toBeNull();
      else {
        expect(covered).toBe(Number(held.over(whole(owed)).times(whole(10_000n)).floor()));
        if (covered !== null && Number.isSafeInteger(covered))
          expect(covered >= 10_000).toBe(held.compare(whole(owed)) >= 0);
      }
      const total = whole(storageAvailable).plus(whole(owed));
      const { band } = splitBand(owed, storageAvailable);
      if (total.numerator === 0n) expect(band).toBe('none');
      else {
        const share = whole(owed).over(total);
        const at = (percent: bigint) => share.compare(Rational.of(percent, 100n)) <= 0;
        expect(band).toBe(at(5n) ? 'alert' : at(10n) ? 'watch' : 'normal');
      }
    }),
  );
});

/** Right at, and one unit beside, the borders of the bands, which random amounts hardly meet. */
rule(
  'coverage bands at their borders',
  fc.property(
    fc.bigInt({ min: 1n, max: 10n ** 15n }),
    fc.constantFrom(5n, 10n),
    fc.bigInt({ min: -2n, max: 2n }),
    (unit, percent, beside) => {
      const payments = unit * percent + beside;
      const storage = unit * (100n - percent);
      if (payments < 0n) return;
      const share = Rational.of(payments, payments + storage);
      const at = (limit: bigint) => share.compare(Rational.of(limit, 100n)) <= 0;
      expect(splitBand(payments, storage).band).toBe(at(5n) ? 'alert' : at(10n) ? 'watch' : 'normal');
    },
  ),
);

function readByHand(text: string, unit: Currency): Rational | undefined {
  const plain = text.trim();
  const [head = '', fraction, ...rest] = (plain.startsWith('-') ? plain.slice(1) : plain).split('.');
  const allDigits = (part: string) => part !== '' && [...part].every((letter) => letter >= '0' && letter <= '9');
  const groups = head.split(',');
  const [first = '', ...others] = groups;
  const grouped = others.length > 0;
  if (rest.length > 0 || !groups.every(allDigits)) return undefined;
  if (grouped && (first.length > 3 || others.some((group) => group.length !== 3))) return undefined;
  const digits = minorUnitDigits(unit);
  if (fraction !== undefined && (!allDigits(fraction) || fraction.length !== digits)) return undefined;
  const value = Rational.parse(`${groups.join('')}${fraction === undefined ? '' : `.${fraction}`}`);
  const minor = value.times(Rational.of(10n ** BigInt(digits)));
  return plain.startsWith('-') ? Rational.of(0n).minus(minor) : minor;
}

function shares(): fc.Arbitrary<{ id: string; weight: bigint }[]> {
  const weight = fc.oneof(fc.bigInt({ min: 0n, max: 5n }), fc.bigInt({ min: 0n, max: 10n ** 12n }));
  const id = fc.string({ minLength: 1, maxLength: 4, unit: 'grapheme' });
  return fc.uniqueArray(fc.record({ id, weight }), { selector: (share) => share.id, maxLength: 12 });
}

/** Units are handed out one after the other: each to the share whose exact quota is furthest above what it has. */
function splitByHand(total: bigint, list: readonly { id: string; weight: bigint }[]): bigint[] {
  const weights = list.reduce((all, one) => all.plus(whole(one.weight)), whole(0n));
  if (weights.numerator === 0n) return list.map(() => 0n);
  const quotas = list.map((one) => whole(total).times(whole(one.weight)).over(weights));
  const given = quotas.map((quota) => quota.floor());
  const missing = quotas.map((quota, index) => quota.minus(whole(given[index] ?? 0n)));
  for (let left = total - sum(given); left > 0n; left -= 1n) {
    let best = -1;
    list.forEach((one, index) => {
      if (best < 0) best = index;
      const order = (missing[index] ?? whole(0n)).compare(missing[best] ?? whole(0n));
      const earlier = Buffer.compare(Buffer.from(one.id), Buffer.from(list[best]?.id ?? '')) < 0;
      if (order > 0 || (order === 0 && earlier)) best = index;
    });
    given[best] = (given[best] ?? 0n) + 1n;
    missing[best] = whole(-1n);
  }
  return given;
}

interface Month {
  readonly payments: PaymentFunds[];
  readonly allocations: AllocationWish[];
  readonly openings: Map<string, bigint>;
  readonly feeBps: number;
}

function month(): fc.Arbitrary<Month> {
  const cents = fc.oneof(fc.bigInt({ min: 0n, max: 30n }), fc.bigInt({ min: 0n, max: 10n ** 9n }));
  const subscriberId = fc.constantFrom('s1', 's2', 's3');
  const payment = fc
    .record({
      subscriberId,
      amount: cents,
      part: fc.bigInt({ min: 0n, max: 4n }),
      status: fc.constantFrom('succeeded' as const, 'succeeded' as const, 'failed' as const, 'disputed' as const),
    })
    .map(({ part, ...rest }) => ({ ...rest, refunded: (rest.amount * part) / 4n }));
  const wish = fc.record({
    subscriberId,
    creatorId: fc.constantFrom('c1', 'c2', 'c3', 'ghost'),
    amount: cents,
    status: fc.constantFrom('active' as const, 'active' as const, 'cancelled' as const),
  });
  return fc.record({
    payments: fc.array(payment, { maxLength: 6 }),
    allocations: fc
      .array(wish, { maxLength: 8 })
      .map((rows) => rows.map((row, index) => ({ ...row, allocationId: `a${index}` }))),
    openings: fc.dictionary(fc.constantFrom('c1', 'old'), cents).map((record) => new Map(Object.entries(record))),
    feeBps: bps,
  });
}

/** The formulas of docs/rules.md, one line at a time. */
function monthByHand({ payments, allocations, openings, feeBps }: Month) {
  const ids = [
    ...new Set(
      [...payments, ...allocations.filter((one) => one.status === 'active' && one.amount > 0n)].map(
        (one) => one.subscriberId,
      ),
    ),
  ];
  const gross = new Map<string, bigint>();
  const suspense = new Map<string, bigint>();
  const subscribers = new Map<string, bigint[]>();
  for (const id of ids) {
    const funds = payments
      .filter((one) => one.subscriberId === id && one.status === 'succeeded')
      .reduce((total, one) => total.plus(whole(one.amount)).minus(whole(one.refunded)), whole(0n));
    const wishes = allocations.filter((one) => one.subscriberId === id && one.status === 'active');
    const asked = wishes.reduce((total, one) => total.plus(whole(one.amount)), whole(0n));
    const list = wishes.map((one) => ({ id: one.allocationId, weight: one.amount }));
    const funded = asked.compare(funds) <= 0 ? list.map((one) => one.weight) : splitByHand(funds.numerator, list);
    wishes.forEach((one, index) => {
      const into = one.creatorId === 'ghost' ? suspense : gross;
      const part = funded[index] ?? 0n;
      if (part > 0n) into.set(one.creatorId, (into.get(one.creatorId) ?? 0n) + part);
    });
    const used = sum(funded);
    subscribers.set(id, [funds.numerator, funds.numerator - used, asked.numerator - used]);
  }
  const creators = new Map(
    [...new Set([...gross.keys(), ...[...openings].filter(([, value]) => value !== 0n).map(([id]) => id)])].map(
      (id) => {
        const earned = whole(gross.get(id) ?? 0n);
        const fee = earned.times(Rational.of(BigInt(feeBps), 10_000n)).nearest();
        const opening = openings.get(id) ?? 0n;
        const net = earned.minus(whole(fee)).numerator;
        return [id, { creatorId: id, gross: earned.numerator, fee, net, opening, payable: opening + net }];
      },
    ),
  );
  return { creators, suspense, subscribers };
}
