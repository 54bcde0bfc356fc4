import { toStripeAmount } from '../../../shared/money/money';

/** v2 amount: whole minor units and a lower-case currency. */
export function v2Amount(amount: bigint, currency: string): { value: number; currency: string } {
  return { value: toStripeAmount(amount), currency };
}

/** A v2 map from currency to amount. */
export function v2Amounts(
  currencies: readonly string[],
  amountOf: (currency: string) => bigint,
): Record<string, { value: number; currency: string }> {
  return Object.fromEntries(currencies.map((currency) => [currency, v2Amount(amountOf(currency), currency)]));
}

export { toStripeAmount };
