/** A calendar month, `YYYY-MM`, in UTC. */
export type Period = string & { readonly __brand: 'Period' };

export function parsePeriod(text: string): Period | undefined {
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(text) ? (text as Period) : undefined;
}

/** Like `parsePeriod`, for text that was validated earlier. Throws otherwise: that is a bug. */
export function period(text: string): Period {
  const parsed = parsePeriod(text);
  if (parsed === undefined) throw new Error(`"${text}" is not a period`);
  return parsed;
}

export function addMonths(from: Period, months: number): Period {
  const index = Number(from.slice(0, 4)) * 12 + Number(from.slice(5)) - 1 + months;
  const year = Math.floor(index / 12);
  return period(`${String(year).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}`);
}

/** Months from `a` to `b`; negative when `b` is earlier. */
export function monthsBetween(a: Period, b: Period): number {
  return (Number(b.slice(0, 4)) - Number(a.slice(0, 4))) * 12 + Number(b.slice(5)) - Number(a.slice(5));
}

/** The period an instant lies in, UTC. */
export function periodOf(instant: Date): Period {
  return period(instant.toISOString().slice(0, 7));
}

/** First instant of the period, UTC. */
export function periodStart(of: Period): Date {
  return new Date(`${of}-01T00:00:00.000Z`);
}

/** First instant after the period, UTC. */
export function periodEnd(of: Period): Date {
  return periodStart(addMonths(of, 1));
}
