/** Every error type and code that the package's types name has an answer in words, and none is taken for something it is not. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { type CallFacts, noFacts, problemOf } from '../../../electron/stripe/errors';
import type { ProblemKind } from '../../../electron/stripe/problem';

const root = fileURLToPath(new URL('../../../node_modules/stripe/esm', import.meta.url));

/** The codes of `PaymentIntent.LastPaymentError.Code`, which is Stripe's list of all v1 error codes. */
function codesOfV1(): string[] {
  const source = readFileSync(path.join(root, 'resources/PaymentIntents.d.ts'), 'utf8');
  const union = /namespace LastPaymentError \{[\s\S]*?type Code = ([^;]+);/.exec(source)?.[1] ?? '';
  return [...union.matchAll(/'([a-z0-9_]+)'/g)].flatMap((match) => match[1] ?? []);
}

/** The types of v2 errors, from the switch that makes an error of each. */
function typesOfV2(): string[] {
  const source = readFileSync(path.join(root, 'Error.js'), 'utf8');
  const body = source.slice(source.indexOf('generateV2Error'));
  return [...body.matchAll(/case '([a-z0-9_]+)':/g)].flatMap((match) => match[1] ?? []);
}

interface Raw {
  readonly status: number;
  readonly type?: string;
  readonly code?: string;
}

function problem({ status, type, code }: Raw, version: 'v1' | 'v2', method: 'GET' | 'POST' = 'POST') {
  const raw = { statusCode: status, message: 'Stripe said this.', requestId: 'req_1', headers: {}, type, code };
  const facts: CallFacts = { ...noFacts(), status, requestId: 'req_1' };
  const { generateV1Error, generateV2Error } = errorsOf(Stripe);
  return problemOf(version === 'v1' ? generateV1Error(raw) : generateV2Error(raw), method, facts);
}

interface Generators {
  generateV1Error(raw: object): unknown;
  generateV2Error(raw: object): unknown;
}
function errorsOf(stripe: unknown): Generators {
  const errors: unknown = Reflect.get(Object(stripe), 'errors');
  return errors as Generators;
}

function isInWords({ message, hint }: { message: string; hint: string }): void {
  expect(message).toMatch(/^[A-Z].*\.$/);
  expect(hint).toMatch(/^[A-Z].*\.$/);
  expect(`${message} ${hint}`).not.toMatch(/undefined|null|\[object|\bTypeError\b/);
}

describe('v1 codes', () => {
  const codes = codesOfV1();

  test('are all found in the package', () => {
    expect(codes.length).toBeGreaterThan(150);
    expect(codes).toEqual(expect.arrayContaining(['balance_insufficient', 'lock_timeout', 'rate_limit']));
  });

  test.each(codes)('%s is a plain refusal with a next step, unless it means something else', (code) => {
    const kind: ProblemKind =
      code === 'rate_limit' || code === 'lock_timeout'
        ? 'not-now'
        : code === 'idempotency_key_in_use'
          ? 'unknown'
          : code === 'account_invalid'
            ? 'not-found'
            : 'refused';
    const found = problem({ status: 400, type: 'invalid_request_error', code }, 'v1');
    expect(found).toMatchObject({ kind, code, requestId: 'req_1' });
    isInWords(found);
  });
});

describe('v2 types', () => {
  const types = typesOfV2();

  test('are all found in the package', () => {
    expect(types.length).toBeGreaterThanOrEqual(20);
  });

  test.each(types)('%s is a refusal whatever its status, or what it says', (type) => {
    for (const status of [400, 403, 409, 422]) {
      if (type === 'rate_limit' && status !== 400) continue;
      const found = problem({ status, type, code: type }, 'v2');
      if (type === 'rate_limit') expect(found.kind).toBe('not-now');
      else if (type === 'invalid_fields') expect(['refused', 'permission', 'unknown']).toContain(found.kind);
      else expect([found.kind, found.code]).toEqual(['refused', type]);
      isInWords(found);
    }
  });
});

describe('statuses without a code', () => {
  test.each([
    [400, 'invalid_request_error', 'refused', 'refused'],
    [401, 'invalid_request_error', 'auth', 'auth'],
    [402, 'card_error', 'refused', 'refused'],
    [403, 'invalid_request_error', 'permission', 'permission'],
    [404, 'invalid_request_error', 'not-found', 'not-found'],
    [409, 'invalid_request_error', 'unknown', 'unavailable'],
    [424, 'api_error', 'refused', 'refused'],
    [429, 'rate_limit_error', 'not-now', 'not-now'],
    [500, 'api_error', 'unknown', 'unavailable'],
    [502, 'api_error', 'unknown', 'unavailable'],
    [503, 'api_error', 'unknown', 'unavailable'],
    [504, 'api_error', 'unknown', 'unavailable'],
  ] as const)('%i %s: a POST is %s, a read %s', (status, type, post, read) => {
    for (const [method, kind] of [
      ['POST', post],
      ['GET', read],
    ] as const) {
      const found = problem({ status, type }, 'v1', method);
      expect(found.kind).toBe(kind);
      isInWords(found);
    }
  });
});
