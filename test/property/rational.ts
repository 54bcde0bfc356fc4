/** Exact fractions, for oracles: nothing here rounds. Shares no code with what it checks. */
export class Rational {
  private constructor(
    readonly numerator: bigint,
    /** Always positive. */
    readonly denominator: bigint,
  ) {}

  static of(numerator: bigint, denominator = 1n): Rational {
    if (denominator === 0n) throw new Error('A fraction over zero');
    const sign = denominator < 0n ? -1n : 1n;
    const common = gcd(numerator, denominator);
    return new Rational((sign * numerator) / common, (sign * denominator) / common);
  }

  /** Of decimal text: `-12.34` is −1234/100. */
  static parse(text: string): Rational {
    const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
    if (match === null) throw new Error(`"${text}" is no decimal`);
    const [, sign, whole = '', fraction = ''] = match;
    const magnitude = Rational.of(BigInt(whole + fraction), 10n ** BigInt(fraction.length));
    return sign === '-' ? Rational.of(0n).minus(magnitude) : magnitude;
  }

  plus(other: Rational): Rational {
    return Rational.of(
      this.numerator * other.denominator + other.numerator * this.denominator,
      this.denominator * other.denominator,
    );
  }

  minus(other: Rational): Rational {
    return this.plus(Rational.of(-other.numerator, other.denominator));
  }

  times(other: Rational): Rational {
    return Rational.of(this.numerator * other.numerator, this.denominator * other.denominator);
  }

  over(other: Rational): Rational {
    return Rational.of(this.numerator * other.denominator, this.denominator * other.numerator);
  }

  /** −1, 0 or 1. */
  compare(other: Rational): number {
    const difference = this.minus(other).numerator;
    return difference === 0n ? 0 : difference < 0n ? -1 : 1;
  }

  /** The greatest whole number that is not greater. */
  floor(): bigint {
    const quotient = this.numerator / this.denominator;
    return this.numerator < 0n && quotient * this.denominator !== this.numerator ? quotient - 1n : quotient;
  }

  /** The nearest whole number; a half goes away from zero. */
  nearest(): bigint {
    if (this.numerator < 0n) return -Rational.of(-this.numerator, this.denominator).nearest();
    return this.plus(Rational.of(1n, 2n)).floor();
  }
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x === 0n ? 1n : x;
}
