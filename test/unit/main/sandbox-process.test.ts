import { describe, expect, it, vi } from 'vitest';
import { createSandboxProcess, type SandboxChild } from '../../../electron/main/sandbox-process';

const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };

class FakeChild implements SandboxChild {
  readonly kill = vi.fn(() => {
    this.exit(0);
    return true;
  });
  readonly #message: ((message: unknown) => void)[] = [];
  readonly #exit: ((code: number) => void)[] = [];

  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  on(event: 'message' | 'exit', listener: (value: number) => void): unknown {
    return event === 'exit' ? this.#exit.push(listener) : this.#message.push(listener as (message: unknown) => void);
  }
  say(message: unknown): void {
    for (const listener of this.#message) listener(message);
  }
  exit(code: number): void {
    for (const listener of this.#exit) listener(code);
  }
}

function setUp(options: { startLimitMs?: number } = {}) {
  const children: FakeChild[] = [];
  const calls: (readonly string[])[] = [];
  const fork = (args: readonly string[]) => {
    const child = new FakeChild();
    children.push(child);
    calls.push(args);
    return child;
  };
  return {
    sandbox: createSandboxProcess({ fork, stateFile: '/s.json', forget: async () => undefined, log, ...options }),
    children,
    calls,
  };
}

describe('the process of the embedded Stripe', () => {
  it('is started once and answers with its address', async () => {
    const { sandbox, children, calls } = setUp();
    const both = Promise.all([sandbox.url(), sandbox.url()]);
    children[0]?.say({ url: 'http://127.0.0.1:4100/' });
    expect(await both).toEqual(['http://127.0.0.1:4100', 'http://127.0.0.1:4100']);
    expect(calls).toEqual([['--port', '0', '--state', '/s.json']]);
  });

  it('believes no address outside of this computer', async () => {
    const { sandbox, children } = setUp({ startLimitMs: 20 });
    const url = sandbox.url();
    children[0]?.say({ url: 'http://203.0.113.9:80' });
    children[0]?.say('hello');
    await expect(url).rejects.toMatchObject({ code: 'sandbox-not-started' });
  });

  it('is started again on the same port when it dies', async () => {
    const { sandbox, children, calls } = setUp();
    const url = sandbox.url();
    children[0]?.say({ url: 'http://127.0.0.1:4100' });
    await url;
    children[0]?.exit(1);
    expect(calls[1]).toEqual(['--port', '4100', '--state', '/s.json']);
    children[1]?.say({ url: 'http://127.0.0.1:4100' });
    expect(await sandbox.url()).toBe('http://127.0.0.1:4100');
  });

  it('is not started again and again for ever', () => {
    const { sandbox, children } = setUp();
    sandbox.url().catch(() => undefined);
    for (let death = 0; death < 20; death += 1) children[death]?.exit(1);
    expect(children.length).toBe(4);
  });

  it('stays down after it was stopped', async () => {
    const { sandbox, children } = setUp();
    const url = sandbox.url();
    children[0]?.say({ url: 'http://127.0.0.1:4100' });
    await url;
    await sandbox.stop();
    expect(children[0]?.kill).toHaveBeenCalledOnce();
    expect(children.length).toBe(1);
  });
});
