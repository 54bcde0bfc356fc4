/**
 * Money: whole minor units as `bigint` together with a lower-case ISO 4217 currency.
 * `number` never carries an amount; the one exception is the Stripe boundary (`toStripeAmount`, `fromStripeAmount`).
 */

/** Minor-unit exponents that differ from 2. Source: Stripe "Currencies", zero-decimal and three-decimal lists. */
const ZERO_DECIMAL = 'bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf'.split(' ');
const THREE_DECIMAL = 'bhd jod kwd omr tnd'.split(' ');
const TWO_DECIMAL = (
  'aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bob brl bsd bwp byn bzd cad cdf chf cny cop crc cve ' +
  'czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd kes kgs khr kyd kzt ' +
  'lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln ' +
  'qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah usd uyu uzs wst xcd yer zar zmw'
).split(' ');

const EXPONENTS: ReadonlyMap<string, number> = new Map([
  ...ZERO_DECIMAL.map((code) => [code, 0] as const),
  ...THREE_DECIMAL.map((code) => [code, 3] as const),
  ...TWO_DECIMAL.map((code) => [code, 2] as const),
]);

/** A lower-case ISO 4217 code that Coffer knows the minor unit of. */
export type Currency = string & { readonly __brand: 'Currency' };

export function isCurrency(text: string): text is Currency {
  return EXPONENTS.has(text);
}

/** Parses a currency code in any case. Returns `undefined` for a code Coffer does not know. */
export function parseCurrency(text: string): Currency | undefined {
  const code = text.toLowerCase();
  return isCurrency(code) ? code : undefined;
}

/** Like `parseCurrency`, for codes that were validated earlier. Throws on an unknown code: that is a bug. */
export function currency(text: string): Currency {
  const parsed = parseCurrency(text);
  if (parsed === undefined) throw new Error(`Unknown currency "${text}"`);
  return parsed;
}

/** Number of decimal places of a currency's minor unit: usd 2, jpy 0, kwd 3. */
export function minorUnitDigits(code: Currency): number {
  const exponent = EXPONENTS.get(code);
  if (exponent === undefined) throw new Error(`Unknown currency "${code}"`);
  return exponent;
}

/** Plain decimal text of minor units, with the currency's own number of decimals: `-1234n usd` → `-12.34`. */
export function toDecimal(amount: bigint, code: Currency): string {
  const digits = minorUnitDigits(code);
  const negative = amount < 0n;
  const text = (negative ? -amount : amount).toString().padStart(digits + 1, '0');
  const whole = digits === 0 ? text : text.slice(0, -digits);
  const fraction = digits === 0 ? '' : `.${text.slice(-digits)}`;
  return `${negative ? '-' : ''}${whole}${fraction}`;
}

/** Reads a plain decimal (`7000.00`, `7,000.00`, `7000`) as minor units; `undefined` if it is not an amount of that currency. */
export function fromDecimal(text: string, code: Currency): bigint | undefined {
  const digits = minorUnitDigits(code);
  const match = /^(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, sign, whole, fraction = ''] = match;
  if (whole === undefined || (fraction !== '' && fraction.length !== digits)) return undefined;
  const amount = BigInt(whole.replaceAll(',', '') + fraction.padEnd(digits, '0'));
  return sign === '-' ? -amount : amount;
}

/** bigint minor units → the integer Stripe expects. Throws outside the safe integer range. */
export function toStripeAmount(amount: bigint): number {
  const value = Number(amount);
  if (!Number.isSafeInteger(value)) throw new Error(`Amount ${amount} is outside the range Stripe accepts`);
  return value;
}

/** Stripe's integer → bigint minor units. Throws on anything but a safe integer. */
export function fromStripeAmount(value: number): bigint {
  if (!Number.isSafeInteger(value)) throw new Error(`Stripe returned ${value}, which is not a whole minor-unit amount`);
  return BigInt(value);
}

export function abs(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}

export function sum(amounts: Iterable<bigint>): bigint {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
