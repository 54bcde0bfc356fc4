import { describe, expect, it, vi } from 'vitest';
import type { Keychain } from '../../../electron/keychain/keychain';
import { locked, ready } from '../../../electron/keychain/keychain-state';
import { createSecretStore, type KeyNotes } from '../../../electron/keychain/secret-store';
import { readStripeKey } from '../../../electron/keychain/stripe-key';
import { secretsHandlers } from '../../../electron/main/handlers/secrets-handlers';
import type { ConnectionReport } from '../../../shared/contract';
import { contract } from '../../../shared/contract';
import { CofferError } from '../../../shared/domain/coffer-error';

const testKey = `rk_test_${'a'.repeat(20)}1234`;
const liveKey = `rk_live_${'b'.repeat(20)}5678`;

function setUp({ isReady = true, liveAllowed = true, report = {} as Partial<ConnectionReport> } = {}) {
  const entries = new Map<string, string>();
  const files: { notes: KeyNotes | null } = { notes: null };
  const state = { isReady };
  const guard = () => {
    if (!state.isReady) throw new CofferError('keychain-locked', 'locked', 'unlock');
  };
  const keychain: Keychain = {
    status: async () => (state.isReady ? ready : locked('linux')),
    get: async (mode, name) => {
      guard();
      return entries.get(`${mode}/${name}`) ?? null;
    },
    set: async (mode, name, value) => {
      guard();
      entries.set(`${mode}/${name}`, value);
    },
    remove: async (mode, name) => {
      guard();
      entries.delete(`${mode}/${name}`);
    },
    isBlocked: () => false,
  };
  const refuseLive = () => {
    if (!liveAllowed) throw new CofferError('stand-in-runtime', 'no', 'no');
  };
  const changed = vi.fn();
  const secrets = createSecretStore({
    keychain,
    notes: {
      read: async () => files.notes,
      write: async (notes) => {
        files.notes = notes;
      },
    },
    now: () => new Date('2026-11-02T09:00:00Z'),
    refuseLive,
    changed,
  });
  const testConnection = vi.fn(
    async (key: string): Promise<ConnectionReport> => ({
      ok: true,
      mode: /^.k_live/.test(key) ? 'live' : 'test',
      account: 'acct_1',
      accountName: 'Fanhouse',
      storageAccount: null,
      openStorageAccounts: 0,
      message: 'Connected.',
      hint: '',
      permissions: [],
      ...report,
    }),
  );
  const overrides: (string | null)[] = [];
  const handlers = secretsHandlers({
    secrets,
    testConnection,
    refuseLive,
    unrestricted: () => overrides.at(-1) ?? null,
    noteUnrestricted: async (reason) => void overrides.push(reason),
  });
  return { entries, files, state, secrets, handlers, testConnection, changed, overrides };
}

describe('an unrestricted live key', () => {
  const unrestricted = `sk_live_${'a1B2c3D4'.repeat(4)}`;

  it('is refused without a reason, and Stripe is not asked', async () => {
    const { handlers, entries, testConnection } = setUp();
    await expect(handlers['secrets.set']({ key: unrestricted, sessionOnly: false })).rejects.toMatchObject({
      code: 'key-unrestricted-live',
    });
    expect(testConnection).not.toHaveBeenCalled();
    expect(entries.size).toBe(0);
  });

  it('is kept with one, and the reason is noted for the log of the live books; a restricted one takes the note back', async () => {
    const { handlers, entries, overrides } = setUp();
    const unrestrictedReason = 'Stripe support asked for it until Friday';
    const reply = await handlers['secrets.set']({ key: unrestricted, sessionOnly: false, unrestrictedReason });
    expect(reply).toMatchObject({ stored: true });
    expect(entries.get('live/stripe-key')).toBe(unrestricted);
    expect(overrides).toEqual([unrestrictedReason]);
    await handlers['secrets.set']({ key: `rk_live_${'a1B2c3D4'.repeat(4)}`, sessionOnly: false });
    expect(overrides.at(-1)).toBeNull();
  });

  it('takes a reason of ten letters or more', () => {
    const { args } = contract['secrets.set'];
    expect(args.safeParse({ key: unrestricted, sessionOnly: false, unrestrictedReason: 'because' }).success).toBe(
      false,
    );
  });
});

describe('storing a key', () => {
  it('tests it first, keeps it in the keychain and notes only its end', async () => {
    const { entries, files, handlers, secrets, changed } = setUp();
    expect(await handlers['secrets.set']({ key: testKey, sessionOnly: false })).toMatchObject({ stored: true });
    expect(entries.get('test/stripe-key')).toBe(testKey);
    expect(JSON.stringify(files.notes)).not.toContain(testKey);
    expect(await secrets.stripeKey('test')).toBe(testKey);
    expect(await secrets.stripeKey('live')).toBeNull();
    expect(changed).toHaveBeenCalledWith('test');
    const status = await handlers['secrets.status'](undefined);
    expect(contract['secrets.status'].reply.parse(status).keys).toEqual([
      { mode: 'test', kind: 'restricted', last4: '1234', storage: 'keychain', storedAt: '2026-11-02T09:00:00.000Z' },
    ]);
    expect(JSON.stringify(status)).not.toContain(testKey);
  });

  it('does not happen when Stripe refuses the key', async () => {
    const { entries, handlers } = setUp({ report: { ok: false, message: 'Stripe does not know this key.' } });
    expect(await handlers['secrets.set']({ key: testKey, sessionOnly: false })).toMatchObject({ stored: false });
    expect(entries.size).toBe(0);
  });

  it('is refused without a keychain before Stripe is asked; for this session only it works', async () => {
    const { entries, files, handlers, secrets, testConnection } = setUp({ isReady: false });
    await expect(handlers['secrets.set']({ key: testKey, sessionOnly: false })).rejects.toMatchObject({
      code: 'keychain-locked',
    });
    expect(testConnection).not.toHaveBeenCalled();
    expect(await handlers['secrets.set']({ key: testKey, sessionOnly: true })).toMatchObject({ stored: true });
    expect(await secrets.stripeKey('test')).toBe(testKey);
    expect((await secrets.status()).keys).toMatchObject([{ storage: 'session', storedAt: null }]);
    expect(entries.size).toBe(0);
    expect(files.notes).toBeNull();
  });

  it('recommends a restricted key after an unrestricted test key', async () => {
    const { handlers } = setUp();
    const reply = await handlers['secrets.set']({ key: testKey.replace('rk', 'sk'), sessionOnly: false });
    expect(reply.report.hint).toContain('restricted key');
  });

  it('stops when the key turns out to be of the other mode', async () => {
    const { entries, handlers } = setUp({ report: { mode: 'live' } });
    await expect(handlers['secrets.set']({ key: testKey, sessionOnly: false })).rejects.toThrow();
    expect(entries.size).toBe(0);
  });
});

describe('a live key on a stand-in runtime', () => {
  it('is neither sent to Stripe nor kept', async () => {
    const { entries, handlers, secrets, testConnection } = setUp({ liveAllowed: false });
    await expect(handlers['secrets.set']({ key: liveKey, sessionOnly: true })).rejects.toMatchObject({
      code: 'stand-in-runtime',
    });
    await expect(secrets.setStripeKey(readStripeKey(liveKey), true)).rejects.toMatchObject({
      code: 'stand-in-runtime',
    });
    expect(testConnection).not.toHaveBeenCalled();
    expect(entries.size).toBe(0);
  });

  it('is not handed out even when it is in the keychain', async () => {
    const { entries, secrets } = setUp({ liveAllowed: false });
    entries.set('live/stripe-key', liveKey);
    expect(await secrets.stripeKey('live')).toBeNull();
  });
});

describe('a stored key', () => {
  it('is known by its end while the keychain is locked, and gone when somebody removed it there', async () => {
    const { entries, handlers, secrets, state } = setUp();
    await handlers['secrets.set']({ key: testKey, sessionOnly: false });
    state.isReady = false;
    expect((await secrets.status()).keys).toMatchObject([{ last4: '1234', storage: 'keychain' }]);
    expect(await secrets.stripeKey('test')).toBeNull();
    state.isReady = true;
    entries.clear();
    expect((await secrets.status()).keys).toEqual([]);
  });

  it('is cleared from keychain and notes', async () => {
    const { entries, files, handlers } = setUp();
    await handlers['secrets.set']({ key: testKey, sessionOnly: false });
    await handlers['secrets.clear']({ mode: 'test' });
    expect(entries.size).toBe(0);
    expect(files.notes).toEqual({});
    await expect(handlers['secrets.test']({ mode: 'test' })).rejects.toMatchObject({ code: 'no-key' });
  });
});

describe('a named secret', () => {
  it('is kept per mode, for the session only where the keychain is locked', async () => {
    const { secrets, state } = setUp();
    await secrets.saveSecret('test', 'audit-signing-key', 'pem', false);
    expect(await secrets.secret('test', 'audit-signing-key')).toEqual({ value: 'pem', storage: 'keychain' });
    expect(await secrets.secret('live', 'audit-signing-key')).toBeNull();
    state.isReady = false;
    await expect(secrets.saveSecret('live', 'audit-signing-key', 'x', false)).rejects.toThrow(CofferError);
    await secrets.saveSecret('live', 'audit-signing-key', 'x', true);
    expect(await secrets.secret('live', 'audit-signing-key')).toEqual({ value: 'x', storage: 'session' });
  });

  it('cannot be the Stripe key under another name', async () => {
    const { secrets } = setUp();
    await expect(secrets.secret('live', 'stripe-key')).rejects.toThrow('not a name');
    await expect(secrets.saveSecret('live', '../x', 'x', false)).rejects.toThrow('not a name');
  });
});
