import { type Currency, minorUnitDigits } from '../../shared/money/money';

/** As on a cheque: `one thousand two hundred thirty-four and 50/100 USD`. Not negative. */
export function amountInWords(amount: bigint, currency: Currency): string {
  const digits = minorUnitDigits(currency);
  const unit = 10n ** BigInt(digits);
  const whole = wholeInWords(amount / unit);
  const fraction = digits === 0 ? '' : ` and ${(amount % unit).toString().padStart(digits, '0')}/${unit}`;
  return `${whole}${fraction} ${currency.toUpperCase()}`;
}

const SMALL =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = '  twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const SCALES = ['', 'thousand', 'million', 'billion', 'trillion', 'quadrillion', 'quintillion'];

function wholeInWords(value: bigint): string {
  if (value === 0n) return 'zero';
  const parts: string[] = [];
  let rest = value;
  for (const scale of SCALES) {
    const group = Number(rest % 1_000n);
    rest /= 1_000n;
    if (group !== 0) parts.unshift(scale === '' ? hundreds(group) : `${hundreds(group)} ${scale}`);
  }
  return parts.join(' ');
}

function hundreds(value: number): string {
  const over = value % 100;
  const hundred = value >= 100 ? `${SMALL[Math.floor(value / 100)]} hundred` : '';
  const ten = over === 0 ? '' : over < 20 ? (SMALL[over] ?? '') : tens(over);
  return [hundred, ten].filter((part) => part !== '').join(' ');
}

function tens(value: number): string {
  const name = TENS[Math.floor(value / 10)] ?? '';
  return value % 10 === 0 ? name : `${name}-${SMALL[value % 10]}`;
}
