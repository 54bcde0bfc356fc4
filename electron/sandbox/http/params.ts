import { type Currency, parseCurrency } from '../../../shared/money/money';
import { type ApiError, invalid } from './errors';
import type { RawObject, RawValue } from './form';

/** Metadata of a write: `null` clears it all, an empty value removes a key. */
export type MetadataChange = { readonly [name: string]: string } | null;

const METADATA_KEYS = 50;
const METADATA_NAME_LENGTH = 40;
const METADATA_VALUE_LENGTH = 500;

/**
 * Reads the parameters of one request as strictly as Stripe. Each getter notes what is wrong and goes on; `check` then
 * throws: an unknown parameter first, then the first fault found. Nothing read may be used before `check`.
 */
export class Params {
  readonly #known = new Set<string>();
  #fault: ApiError | undefined;
  readonly #children: Params[] = [];

  constructor(
    private readonly raw: RawObject,
    /** Where they come from: numbers are text in forms and queries, and numbers in JSON. */
    private readonly source: 'form' | 'json',
    private readonly prefix = '',
  ) {}

  check(): void {
    const unknown = this.#unknown();
    if (unknown.length > 0) {
      const text =
        unknown.length === 1
          ? `Received unknown parameter: ${unknown[0]}`
          : `Received unknown parameters: ${unknown.join(', ')}`;
      throw invalid('parameter_unknown', text, unknown[0]);
    }
    const fault = this.#firstFault();
    if (fault !== undefined) throw fault;
  }

  has(name: string): boolean {
    this.#known.add(name);
    return this.raw[name] !== undefined;
  }

  text(name: string, options: { max?: number } = {}): string | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'string') {
      this.#note(invalid('parameter_invalid_string', `Invalid string: ${quoted(value)}`, this.#named(name)));
      return undefined;
    }
    if (value === '') {
      this.#note(
        invalid(
          'parameter_invalid_empty',
          `You passed an empty string for '${this.#named(name)}'. We assume empty values are an attempt to unset a parameter; ` +
            `however '${this.#named(name)}' cannot be unset. You should remove '${this.#named(name)}' from your request or supply a non-empty value.`,
          this.#named(name),
        ),
      );
      return undefined;
    }
    if (options.max !== undefined && value.length > options.max) {
      this.#note(
        invalid(
          undefined,
          `Invalid string: ${value.slice(0, 20)}…; must be at most ${options.max} characters`,
          this.#named(name),
        ),
      );
      return undefined;
    }
    return value;
  }

  requiredText(name: string, options: { max?: number } = {}): string {
    return this.text(name, options) ?? this.#missing(name, '');
  }

  /** A whole number within the safe range, as bigint. */
  integer(name: string, options: { min?: bigint; max?: bigint } = {}): bigint | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    const whole =
      this.source === 'form'
        ? typeof value === 'string' && /^-?\d{1,16}$/.test(value)
        : typeof value === 'number' && Number.isSafeInteger(value);
    const parsed = whole ? BigInt(typeof value === 'number' ? value : String(value)) : undefined;
    if (parsed === undefined || parsed > BigInt(Number.MAX_SAFE_INTEGER)) {
      this.#note(invalid('parameter_invalid_integer', `Invalid integer: ${quoted(value)}`, this.#named(name)));
      return undefined;
    }
    if (options.min !== undefined && parsed < options.min) {
      this.#note(
        invalid(
          'parameter_invalid_integer',
          options.min === 1n
            ? `Invalid positive integer: ${parsed}`
            : `This value must be greater than or equal to ${options.min}.`,
          this.#named(name),
        ),
      );
      return undefined;
    }
    if (options.max !== undefined && parsed > options.max) {
      this.#note(
        invalid(
          'parameter_invalid_integer',
          `This value must be less than or equal to ${options.max}.`,
          this.#named(name),
        ),
      );
      return undefined;
    }
    return parsed;
  }

  requiredInteger(name: string, options: { min?: bigint; max?: bigint } = {}): bigint {
    return this.integer(name, options) ?? this.#missing(name, 0n);
  }

  boolean(name: string): boolean | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    this.#note(invalid(undefined, `Invalid boolean: ${quoted(value)}`, this.#named(name)));
    return undefined;
  }

  currency(name: string): Currency | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const parsed = parseCurrency(value);
    if (parsed === undefined) {
      this.#note(invalid(undefined, `Invalid currency: ${value}.`, this.#named(name)));
    }
    return parsed;
  }

  requiredCurrency(name: string): string {
    return this.currency(name) ?? this.#missing(name, '');
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) {
      this.#note(
        invalid(undefined, `Invalid ${this.#named(name)}: must be one of ${orList(allowed)}`, this.#named(name)),
      );
    }
    return found;
  }

  texts(name: string): string[] | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) {
      this.#note(invalid('parameter_invalid_array', 'Invalid array', this.#named(name)));
      return undefined;
    }
    const texts: string[] = [];
    for (const [index, item] of value.entries()) {
      if (typeof item === 'string') texts.push(item);
      else
        this.#note(
          invalid('parameter_invalid_string', `Invalid string: ${quoted(item)}`, `${this.#named(name)}[${index}]`),
        );
    }
    return texts;
  }

  manyOf<T extends string>(name: string, allowed: readonly T[]): T[] | undefined {
    return this.texts(name)?.flatMap((text) => {
      const found = allowed.find((candidate) => candidate === text);
      if (found !== undefined) return [found];
      this.#note(
        invalid(undefined, `Invalid ${this.#named(name)}: must be one of ${orList(allowed)}`, this.#named(name)),
      );
      return [];
    });
  }

  metadata(name: string): MetadataChange | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (value === '' || value === null) return null;
    if (typeof value !== 'object' || Array.isArray(value)) {
      this.#note(invalid(undefined, 'Invalid object', this.#named(name)));
      return undefined;
    }
    const change: Record<string, string> = {};
    const entries = Object.entries(value);
    if (entries.length > METADATA_KEYS) {
      this.#note(invalid(undefined, `Metadata can hold at most ${METADATA_KEYS} keys.`, this.#named(name)));
    }
    for (const [key, item] of entries) {
      const text = item === null ? '' : typeof item === 'number' ? String(item) : item;
      const param = `${this.#named(name)}[${key}]`;
      if (typeof text !== 'string') {
        this.#note(invalid('parameter_invalid_string', `Invalid string: ${quoted(item)}`, param));
      } else if (key.length > METADATA_NAME_LENGTH || key.includes('[') || key.includes(']')) {
        this.#note(invalid(undefined, `Metadata keys can have at most ${METADATA_NAME_LENGTH} characters.`, param));
      } else if (text.length > METADATA_VALUE_LENGTH) {
        this.#note(invalid(undefined, `Metadata values can have at most ${METADATA_VALUE_LENGTH} characters.`, param));
      } else {
        change[key] = text;
      }
    }
    return change;
  }

  object(name: string): Params | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.#note(invalid(undefined, 'Invalid object', this.#named(name)));
      return undefined;
    }
    const child = new Params(value, this.source, this.#named(name));
    this.#children.push(child);
    return child;
  }

  requiredObject(name: string): Params {
    return this.object(name) ?? this.#missing(name, new Params({}, this.source, this.#named(name)));
  }

  /** The objects of a list. */
  objects(name: string): Params[] | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) {
      this.#note(invalid('parameter_invalid_array', 'Invalid array', this.#named(name)));
      return undefined;
    }
    return value.flatMap((item, index) => {
      if (typeof item === 'object' && item !== null && !Array.isArray(item)) {
        const child = new Params(item, this.source, `${this.#named(name)}[${index}]`);
        this.#children.push(child);
        return [child];
      }
      this.#note(invalid(undefined, 'Invalid object', `${this.#named(name)}[${index}]`));
      return [];
    });
  }

  /** An object whose names are data, such as currencies. */
  names(): string[] {
    return Object.keys(this.raw);
  }

  /** Whether a parameter was given empty, which unsets it. */
  cleared(name: string): boolean {
    const value = this.raw[name];
    if (value !== '' && value !== null) return false;
    this.#known.add(name);
    return true;
  }

  isObject(name: string): boolean {
    const value = this.raw[name];
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  }

  /** The value as it came, in JSON, for parts that are only echoed. */
  json(name: string): string | undefined {
    const value = this.#take(name);
    return value === undefined ? undefined : JSON.stringify(value);
  }

  fail(error: ApiError): void {
    this.#note(error);
  }

  named(name: string): string {
    return this.#named(name);
  }

  #take(name: string): RawValue | undefined {
    this.#known.add(name);
    return this.raw[name];
  }

  #named(name: string): string {
    if (this.prefix === '') return name;
    return this.source === 'form' ? `${this.prefix}[${name}]` : `${this.prefix}.${name}`;
  }

  #note(error: ApiError): void {
    this.#fault ??= error;
  }

  #missing<T>(name: string, stand_in: T): T {
    if (this.raw[name] === undefined) {
      this.#note(invalid('parameter_missing', `Missing required param: ${this.#named(name)}.`, this.#named(name)));
    }
    return stand_in;
  }

  #unknown(): string[] {
    return [
      ...Object.keys(this.raw)
        .filter((name) => !this.#known.has(name))
        .map((name) => this.#named(name)),
      ...this.#children.flatMap((child) => child.#unknown()),
    ];
  }

  #firstFault(): ApiError | undefined {
    if (this.#fault !== undefined) return this.#fault;
    for (const child of this.#children) {
      const fault = child.#firstFault();
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
}

function quoted(value: RawValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function orList(allowed: readonly string[]): string {
  return allowed.length < 2
    ? allowed.join('')
    : `${allowed.slice(0, -1).join(', ')}, or ${allowed[allowed.length - 1]}`;
}

/** Applies a metadata change to what was there: empty values remove a key. */
export function mergeMetadata(
  before: Readonly<Record<string, string>>,
  change: MetadataChange | undefined,
): Record<string, string> {
  if (change === undefined) return { ...before };
  if (change === null) return {};
  const merged = { ...before, ...change };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ''));
}
