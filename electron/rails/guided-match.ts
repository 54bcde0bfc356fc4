/**
 * What a person did in the dashboard for a release that was asked for. A transfer is proven by its two sides: money left the
 * financial account, and as much came into Payments at that time; one side alone may be a transfer to a bank outside.
 * Pure; amounts in minor units.
 */
import type { GuidedDetection, GuidedSighting, MovementOrder } from './segregation-rail';

/** One side of a transfer; the amount is positive on both. */
export interface TransferSide {
  readonly id: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly at: Date;
}

interface Transfer {
  readonly out: TransferSide;
  readonly back: TransferSide | null;
}

/** The two sides of a transfer appear together; this much apart they are not one movement. */
const SIDES_APART_MS = 60 * 60_000;
/** Joins the lines of a transfer that was made in parts; no id of Stripe's has it. */
const JOIN = '+';

/** The Stripe lines that prove a movement: one, or several of a movement made in parts. */
export function provingLines(stripeObject: string): readonly string[] {
  return stripeObject.split(JOIN);
}

/**
 * `claimed` are lines that prove other movements. The order is made when one transfer of exactly its amount was made after
 * it was asked for, or when all transfers since then add up to exactly its amount. Everything else that looks meant for it
 * is only told.
 */
export function matchGuided(
  order: Pick<MovementOrder, 'amount' | 'currency'>,
  askedAt: Date,
  out: readonly TransferSide[],
  back: readonly TransferSide[],
  claimed: ReadonlySet<string>,
): GuidedDetection {
  const free = pairs(out, back, claimed).filter(
    (one) => !claimed.has(one.out.id) && (one.back === null || !claimed.has(one.back.id)),
  );
  const whole = free.filter((one) => one.back !== null);
  const since = whole.filter((one) => one.out.currency === order.currency && one.out.at >= askedAt);
  const exact = since.filter((one) => one.out.amount === order.amount);
  const [first, ...again] = exact;
  const seen: GuidedSighting[] = [
    ...again.map((one) => sighting('again', one)),
    ...free.filter((one) => one.back === null && fits(one, order, askedAt)).map((one) => sighting('one-sided', one)),
    ...whole.filter((one) => inOtherCurrency(one, order, askedAt)).map((one) => sighting('other-currency', one)),
    ...whole
      .filter((one) => one.out.at < askedAt && one.out.amount === order.amount && one.out.currency === order.currency)
      .map((one) => sighting('before-asked', one)),
  ];
  if (first !== undefined) return { made: { stripeObject: first.out.id, at: first.out.at }, seen };
  const total = since.reduce((sum, one) => sum + one.out.amount, 0n);
  const last = since.at(-1);
  if (last !== undefined && total === order.amount) {
    const lines = since.flatMap((one) => (one.back === null ? [one.out.id] : [one.out.id, one.back.id]));
    return { made: { stripeObject: lines.join(JOIN), at: last.out.at }, seen };
  }
  const kind = total < order.amount ? 'part' : 'too-much';
  return { made: null, seen: [...since.map((one) => sighting(kind, one)), ...seen] };
}

function fits(one: Transfer, order: Pick<MovementOrder, 'amount' | 'currency'>, askedAt: Date): boolean {
  return one.out.currency === order.currency && one.out.amount === order.amount && one.out.at >= askedAt;
}

function inOtherCurrency(one: Transfer, order: Pick<MovementOrder, 'amount' | 'currency'>, askedAt: Date): boolean {
  return one.out.currency !== order.currency && one.out.amount === order.amount && one.out.at >= askedAt;
}

function sighting(kind: GuidedSighting['kind'], { out }: Transfer): GuidedSighting {
  return { kind, stripeObject: out.id, amount: out.amount, currency: out.currency, at: out.at };
}

/**
 * Each line in Payments proves the one transfer of its amount nearest to it in time; its time has whole seconds. Of two within the
 * same second, the one that does not prove something else. Oldest first.
 */
function pairs(out: readonly TransferSide[], back: readonly TransferSide[], claimed: ReadonlySet<string>): Transfer[] {
  const found = new Map<TransferSide, TransferSide>();
  for (const line of [...back].sort(byTime)) {
    const candidates = out.filter(
      (side) =>
        !found.has(side) &&
        side.amount === line.amount &&
        side.currency === line.currency &&
        secondsApart(side, line) * 1_000 <= SIDES_APART_MS,
    );
    const [nearest] = candidates.sort(
      (a, b) =>
        secondsApart(a, line) - secondsApart(b, line) ||
        Number(claimed.has(a.id)) - Number(claimed.has(b.id)) ||
        byTime(a, b),
    );
    if (nearest !== undefined) found.set(nearest, line);
  }
  return [...out].sort(byTime).map((side) => ({ out: side, back: found.get(side) ?? null }));
}

function secondsApart(a: TransferSide, b: TransferSide): number {
  const seconds = (side: TransferSide): number => Math.floor(side.at.getTime() / 1_000);
  return Math.abs(seconds(a) - seconds(b));
}

function byTime(a: TransferSide, b: TransferSide): number {
  return a.at.getTime() - b.at.getTime();
}
