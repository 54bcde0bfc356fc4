import { type Currency, toDecimal } from './money';

/** An amount in a sentence: `1,234.50 USD`, `-12.00 EUR`. */
export function amountText(amount: bigint, currency: Currency): string {
  return `${grouped(amount, currency)} ${currency.toUpperCase()}`;
}

/** The same without the currency: `1,234.50`. */
export function grouped(amount: bigint, currency: Currency): string {
  const [whole = '0', fraction] = toDecimal(amount, currency).split('.');
  const thousands = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? thousands : `${thousands}.${fraction}`;
}
