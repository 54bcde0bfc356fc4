import { describe, expect, it, vi } from 'vitest';
import { createKeychain, type KeychainOptions } from '../../../electron/keychain/keychain';
import type { KeychainBinding } from '../../../electron/keychain/keytar-binding';

class FakeKeytar implements KeychainBinding {
  readonly entries = new Map<string, string>();
  failure: Error | null = null;
  #gate: Promise<void> | null = null;
  open: () => void = () => undefined;
  calls = 0;

  /** From now on every call waits, as before a password prompt. */
  hang(): void {
    this.#gate = new Promise((resolve) => {
      this.open = () => {
        this.#gate = null;
        resolve();
      };
    });
  }
  async #before(): Promise<void> {
    this.calls += 1;
    await this.#gate;
    if (this.failure) throw this.failure;
  }
  async getPassword(service: string, account: string) {
    await this.#before();
    return this.entries.get(`${service}/${account}`) ?? null;
  }
  async setPassword(service: string, account: string, password: string) {
    await this.#before();
    this.entries.set(`${service}/${account}`, password);
  }
  async deletePassword(service: string, account: string) {
    await this.#before();
    return this.entries.delete(`${service}/${account}`);
  }
}

function setUp(options: Partial<KeychainOptions> = {}) {
  const keytar = new FakeKeytar();
  return { keytar, keychain: createKeychain({ load: () => keytar, platform: 'linux', limitMs: 30, ...options }) };
}

describe('the state of the keychain', () => {
  it('is ready after a canary was written, read and deleted, and nothing is left of it', async () => {
    const { keytar, keychain } = setUp();
    expect(await keychain.status()).toMatchObject({ state: 'ready' });
    expect(keytar.entries.size).toBe(0);
    expect(keytar.calls).toBe(3);
  });

  it('is unavailable where keytar cannot be loaded, with what to install', async () => {
    const load = vi.fn(() => {
      throw new Error('libsecret-1.so.0: cannot open shared object file');
    });
    const { keychain } = setUp({ load });
    expect(load).not.toHaveBeenCalled();
    const view = await keychain.status();
    expect(view.state).toBe('unavailable');
    expect(view.hint).toContain('libsecret');
    expect(view.hint).toContain('this session only');
  });

  it.each([
    ['The name org.freedesktop.secrets was not provided by any .service files', 'unavailable'],
    ['Cannot autolaunch D-Bus without X11 $DISPLAY', 'unavailable'],
    ['Cannot create an item in a locked collection', 'locked'],
    ['Prompt was dismissed', 'locked'],
    ['User interaction is not allowed.', 'locked'],
  ])('after “%s” is %s', async (message, state) => {
    const { keytar, keychain } = setUp();
    keytar.failure = new Error(message);
    const view = await keychain.status();
    expect(view.state).toBe(state);
    expect(view.detail + view.hint).not.toContain(message);
  });

  it('is unavailable when the canary does not come back as it was written', async () => {
    const { keytar, keychain } = setUp();
    vi.spyOn(keytar, 'getPassword').mockResolvedValue('something else');
    expect((await keychain.status()).state).toBe('unavailable');
  });

  it('is locked when a prompt waits for ever; it asks no second time until the first has ended', async () => {
    const { keytar, keychain } = setUp();
    keytar.hang();
    expect((await keychain.status()).state).toBe('locked');
    expect(keychain.isBlocked()).toBe(true);
    expect((await keychain.status()).state).toBe('locked');
    expect(keytar.calls).toBe(1);
    keytar.open();
    await vi.waitFor(() => expect(keychain.isBlocked()).toBe(false));
    expect((await keychain.status()).state).toBe('ready');
    expect(keytar.entries.size).toBe(0);
  });
});

describe('entries', () => {
  it('are apart for each mode', async () => {
    const { keytar, keychain } = setUp();
    await keychain.set('test', 'stripe-key', 'rk_test_x');
    expect(await keychain.get('test', 'stripe-key')).toBe('rk_test_x');
    expect(await keychain.get('live', 'stripe-key')).toBeNull();
    expect([...keytar.entries.keys()]).toEqual(['Coffer (test)/stripe-key']);
    await keychain.remove('test', 'stripe-key');
    expect(keytar.entries.size).toBe(0);
  });

  it('are refused while the keychain is not ready', async () => {
    const { keytar, keychain } = setUp();
    keytar.failure = new Error('locked');
    await expect(keychain.set('test', 'stripe-key', 'x')).rejects.toMatchObject({ code: 'keychain-locked' });
    expect(keytar.entries.size).toBe(0);
  });

  it('that were refused because nobody answered do not turn up later', async () => {
    const { keytar, keychain } = setUp();
    await keychain.status();
    keytar.hang();
    await expect(keychain.set('live', 'stripe-key', 'x')).rejects.toMatchObject({ code: 'keychain-locked' });
    keytar.open();
    await vi.waitFor(() => expect(keychain.isBlocked()).toBe(false));
    expect(keytar.entries.size).toBe(0);
  });

  it('of a keychain that goes away later change the state', async () => {
    const { keytar, keychain } = setUp();
    await keychain.status();
    keytar.failure = new Error('Cannot autolaunch D-Bus');
    await expect(keychain.get('test', 'stripe-key')).rejects.toMatchObject({ code: 'keychain-unavailable' });
    keytar.failure = null;
    expect((await keychain.status()).state).toBe('ready');
  });
});
