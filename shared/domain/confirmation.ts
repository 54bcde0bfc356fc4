import { type Currency, toDecimal } from '../money/money';
import { CofferError } from './coffer-error';

export interface ConfirmedAmount {
  readonly currency: Currency;
  /** Minor units. */
  readonly amount: bigint;
}

/**
 * What a person types before money moves or a period closes: `7000.00 2026-10`; with several currencies
 * `4220 JPY + 1429.27 USD 2026-10`, by currency.
 */
export function confirmationText(amounts: readonly ConfirmedAmount[], period: string): string {
  const only = amounts[0];
  if (only === undefined) return `0.00 ${period}`;
  if (amounts.length === 1) return `${toDecimal(only.amount, only.currency)} ${period}`;
  const parts = [...amounts]
    .sort((a, b) => (a.currency < b.currency ? -1 : 1))
    .map((one) => `${toDecimal(one.amount, one.currency)} ${one.currency.toUpperCase()}`);
  return `${parts.join(' + ')} ${period}`;
}

/** Compares what was typed, forgiving about spaces and thousands separators only. */
export function confirms(typed: string, expected: string): boolean {
  return plain(typed) === plain(expected);
}

/** Whether more typing can still make it right. */
export function beginsToConfirm(typed: string, expected: string): boolean {
  return plain(expected).startsWith(plain(typed));
}

/** Throws unless the person typed what confirms; `nothing` says what was not done. */
export function requireTyped(typed: string | null, expected: string, nothing = 'Nothing was done.'): void {
  if (typed !== null && confirms(typed, expected)) return;
  throw new CofferError('confirmation-missing', `Type ${expected} to confirm.`, nothing);
}

function plain(text: string): string {
  return text.trim().replaceAll(',', '').replace(/\s+/g, ' ').toUpperCase();
}
