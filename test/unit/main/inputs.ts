/** Inputs for the fuzzing of the channels: what a schema accepts, what is nearly that, and what nobody expects. Seeded. */
import fc from 'fast-check';
import { z } from 'zod';

/** Texts that the contract's patterns are made for; each string schema takes those it accepts. */
const TEXTS = [
  'x', 'usd', 'jpy', '2026-10', '0', '-1', '700000', '9999999999999999999', '2026-11-02T09:00:00.000Z', 'Ada Lovelace',
  '3f1f7a52-50a6-4a0e-9a83-e5c0a3a3b2aa', 'acct_1', 'rk_test_aaaaaaaaaaaaaaaaaaaaaaaa', 'ab'.repeat(32), '7000.00 2026-10',
  'a reason that is long enough', `${'AAAA'.repeat(10)}AAA=`, '{}',
]; // biome-ignore format: a list to read

/** A generator of what the schema accepts. Knows the kinds of schema that the contract uses. */
export function accepted(schema: z.ZodType): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries(schema.shape as Record<string, z.ZodType>);
    return fc.record(Object.fromEntries(fields.map(([name, field]) => [name, accepted(field)])));
  }
  if (schema instanceof z.ZodOptional) return fc.option(accepted(schema.unwrap() as z.ZodType), { nil: undefined });
  if (schema instanceof z.ZodNullable) return fc.option(accepted(schema.unwrap() as z.ZodType));
  if (schema instanceof z.ZodArray) return fc.array(accepted(schema.element as z.ZodType), { maxLength: 3 });
  if (schema instanceof z.ZodRecord)
    return fc.dictionary(fc.constantFrom('usd', 'jpy'), accepted(schema.valueType as z.ZodType));
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map((one) => accepted(one as z.ZodType)));
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values);
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodUndefined) return fc.constant(undefined);
  if (schema instanceof z.ZodNull) return fc.constant(null);
  if (schema instanceof z.ZodNumber) return among(schema, [0, 1, 2, 25, 50, 100, 500, 10_000]);
  if (schema instanceof z.ZodString) return among(schema, TEXTS);
  throw new Error(`The fuzzing does not know a ${schema.constructor.name}: teach it`);
}

function among(schema: z.ZodType, values: readonly unknown[]): fc.Arbitrary<unknown> {
  const good = values.filter((value) => schema.safeParse(value).success);
  if (good.length === 0) throw new Error('The fuzzing has no value that this schema accepts: add one');
  return fc.constantFrom(...good);
}

const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withNullPrototype: true, withTypedArray: true }),
  fc.constantFrom<unknown>(
    Number.NaN, Number.POSITIVE_INFINITY, -0, 2 ** 53, 10n ** 30n, '', '\0', '__proto__', 'x'.repeat(100_000), '\ud800',
    JSON.parse('{"__proto__":{"admin":true}}'), { constructor: { prototype: { admin: true } } }, new Array(10_000).fill(0),
    { toString: 'x', valueOf: 'x' }, Object.fromEntries([['then', 'x']]), Object.create(null), new Proxy({}, { get: () => { throw new Error('trap'); } }),
    Object.defineProperty({}, 'period', { enumerable: true, get: () => { throw new Error('getter'); } }),
    () => 'function', Symbol('s'),
  ),
); // biome-ignore format: a list to read

/** Nearly right: one field replaced, removed, or one too many. */
function nearly(schema: z.ZodType): fc.Arbitrary<unknown> {
  return fc
    .tuple(accepted(schema), hostile, fc.nat(), fc.constantFrom('replace', 'remove', 'add', 'pollute'))
    .map(([good, bad, at, how]) => {
      if (typeof good !== 'object' || good === null || Array.isArray(good)) return bad;
      const copy: Record<string, unknown> = { ...good };
      const names = Object.keys(copy);
      const name = names[at % Math.max(names.length, 1)] ?? 'x';
      if (how === 'replace') copy[name] = bad;
      if (how === 'remove') delete copy[name];
      if (how === 'add') copy[`extra${at % 7}`] = bad;
      if (how === 'pollute') Object.defineProperty(copy, '__proto__', { value: bad, enumerable: true });
      return copy;
    });
}

/** `count` inputs for one channel, the same ones for the same seed. */
export function inputsFor(schema: z.ZodType, count: number, seed: number): unknown[] {
  const third = Math.ceil(count / 3);
  return [
    ...fc.sample(accepted(schema), { numRuns: third, seed }),
    ...fc.sample(nearly(schema), { numRuns: third, seed: seed + 1 }),
    ...fc.sample(hostile, { numRuns: count - 2 * third, seed: seed + 2 }),
  ];
}
