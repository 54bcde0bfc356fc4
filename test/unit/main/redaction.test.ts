import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../../electron/main/logging';
import { redact, redactText } from '../../../electron/main/redaction';

const secrets = [
  'sk_test_51AbCdEfGhIjKlMn',
  'sk_live_51AbCdEfGhIjKlMn',
  'rk_test_51AbCdEfGhIjKlMn',
  'rk_live_51AbCdEfGhIjKlMn',
  'sk_org_live_51AbCdEfGhIjKlMn',
  'whsec_AbCdEf0123456789/+==',
  'pi_3Abc_secret_XyZ0123456789',
];

describe('redaction', () => {
  it.each(secrets)('takes %s out of a text', (secret) => {
    const clean = redactText(`Invalid API Key provided: ${secret}, see docs`);
    expect(clean).not.toContain(secret.slice(-8));
    expect(clean).toContain('[redacted]');
    expect(clean).toContain(', see docs');
  });

  it('keeps the kind of a key, which helps support', () => {
    expect(redactText('rk_live_51AbCdEfGhIjKlMn')).toBe('rk_live_[redacted]');
  });

  it('takes out what stands in an authorization header', () => {
    expect(redactText('Authorization: Bearer abcdefgh12345')).toBe('Authorization: Bearer [redacted]');
    expect(redactText('basic c2tfdGVzdF81MTo=')).toBe('basic [redacted]');
  });

  it('masks e-mail addresses and leaves object ids and amounts', () => {
    expect(redactText('to maria.lopez@example.com for acct_1ABC, 7000.00')).toBe(
      'to m***@example.com for acct_1ABC, 7000.00',
    );
  });

  it('reaches into errors, lists, maps and objects that contain themselves', () => {
    const loop: Record<string, unknown> = {
      note: 'sk_test_51AbCdEfGhIjKlMn',
      apiKey: 'plain',
      list: [new Map([['a', 'x@y.io']])],
    };
    loop.self = loop;
    const text = JSON.stringify(redact(loop));
    expect(text).not.toMatch(/51AbC|plain|"x@y/);
    expect(String(redact(new Error('bad key rk_test_51AbCdEfGhIjKlMn')))).not.toContain('51AbC');
  });

  it('holds for what reaches the log file', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'coffer-log-'));
    try {
      const log = createLog({ folder, terminal: false });
      for (const secret of secrets) log.error(`with ${secret}`, { secret }, new Error(secret));
      log.info('by dana@example.com');
      const written = readFileSync(path.join(folder, 'coffer.log'), 'utf8');
      expect(written).toContain('[error] with sk_test_[redacted]');
      for (const secret of secrets) expect(written).not.toContain(secret);
      expect(written).not.toContain('dana@');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
