import { describe, expect, it, vi } from 'vitest';
import { answer } from '../../../electron/main/ipc/answer';
import { failureOf, newIncident } from '../../../electron/main/ipc/failure';
import { type CallReceiver, channelNames, registerHandlers } from '../../../electron/main/ipc/register-handlers';
import type { CallEvent } from '../../../electron/main/ipc/sender';
import { contract, type Handlers } from '../../../shared/contract';
import { CofferError } from '../../../shared/domain/coffer-error';

const quiet = { warn: vi.fn(), error: vi.fn() };
const trusted: CallEvent = { sender: { id: 1 }, senderFrame: { origin: 'app://coffer', parent: null } };

function registered(overrides: Partial<Handlers>, called?: () => void) {
  const listeners = new Map<string, Parameters<CallReceiver['handle']>[1]>();
  const missing = Object.fromEntries(
    channelNames.map((name) => [name, () => Promise.reject(new Error(`${name} was not expected`))]),
  ) as unknown as Handlers;
  registerHandlers(
    { handle: (name, listener) => listeners.set(name, listener) },
    { ...missing, ...overrides },
    { isKnownWindow: (id) => id === 1, log: quiet, ...(called && { called }) },
  );
  return {
    names: [...listeners.keys()],
    call: (name: string, args?: unknown, event: CallEvent = trusted) => listeners.get(name)?.(event, args),
  };
}

const explain = (error: unknown, doing: string) => failureOf(error, doing, quiet, () => 'TEST-0001');

describe('the channels of the contract', () => {
  it('are registered exactly, none more and none less', () => {
    expect(registered({}).names.sort()).toEqual(Object.keys(contract).sort());
  });

  it('answer a refused sender without running the handler', async () => {
    const handler = vi.fn(async () => null);
    const { call } = registered({ 'app.welcomed': handler });
    const stranger: CallEvent = { sender: { id: 1 }, senderFrame: null };
    expect(await call('app.welcomed', undefined, stranger)).toMatchObject({ ok: false, error: { code: 'refused' } });
    expect(handler).not.toHaveBeenCalled();
  });

  it('are told of before they are answered, those of a stranger not at all', async () => {
    const order: string[] = [];
    const { call } = registered(
      { 'app.welcomed': async () => Promise.resolve(order.push('answered')).then(() => null) },
      () => order.push('called'),
    );
    await call('app.welcomed', undefined, { sender: { id: 2 }, senderFrame: null });
    expect(order).toEqual([]);
    await call('app.welcomed');
    expect(order).toEqual(['called', 'answered']);
  });
});

describe('arguments', () => {
  it('reach the handler as the schema made them', async () => {
    const handler = vi.fn(async () => null);
    expect(await answer('app.setOperator', handler, { name: '  Dana  ' }, explain)).toEqual({ ok: true, value: null });
    expect(handler).toHaveBeenCalledWith({ name: 'Dana' });
  });

  it.each([
    ['an unknown field', { name: 'Dana', admin: true }],
    ['a missing field', {}],
    ['another type', { name: 7 }],
    ['an empty name', { name: '   ' }],
    ['nothing', undefined],
    ['a list', ['Dana']],
  ])('with %s are refused before the handler', async (_what, args) => {
    const handler = vi.fn(async () => null);
    expect(await answer('app.setOperator', handler, args, explain)).toMatchObject({
      ok: false,
      error: { code: 'bad-request' },
    });
    expect(handler).not.toHaveBeenCalled();
  });

  it('are refused where there should be none', async () => {
    expect(await answer('app.welcomed', async () => null, { x: 1 }, explain)).toMatchObject({ ok: false });
  });

  it('never come back in the refusal', async () => {
    const key = 'rk_test_0123456789abcdef';
    const reply = await answer('secrets.set', () => Promise.reject(new Error()), { key, sessionOnly: key }, explain);
    expect(JSON.stringify(reply)).not.toContain(key);
  });
});

describe('failures', () => {
  it('that a person can act on keep their code, message and hint', async () => {
    const failing = () => Promise.reject(new CofferError('no-key', 'There is no key.', 'Enter one.'));
    expect(await answer('app.welcomed', failing, undefined, explain)).toEqual({
      ok: false,
      error: { code: 'no-key', message: 'There is no key.', hint: 'Enter one.' },
    });
  });

  it('of any other kind show an incident number and nothing of their inside', async () => {
    const failing = () => Promise.reject(new TypeError('undefined is not a function in /srv/ledger.ts'));
    const reply = await answer('app.welcomed', failing, undefined, explain);
    expect(reply).toMatchObject({ ok: false, error: { code: 'unexpected' } });
    expect(JSON.stringify(reply)).toContain('TEST-0001');
    expect(JSON.stringify(reply)).not.toMatch(/ledger|undefined is not/);
    expect(quiet.error).toHaveBeenCalledWith('incident TEST-0001 in app.welcomed', expect.any(TypeError));
  });

  it('of a handler that throws at once are answered too', async () => {
    const throwing = () => {
      throw new CofferError('not-open', 'Closed.', 'Wait.');
    };
    expect(await answer('app.welcomed', throwing, undefined, explain)).toMatchObject({ error: { code: 'not-open' } });
  });

  it('include a reply that the contract does not know', async () => {
    const { call } = registered({ 'data.sandboxDatasets': async () => [{ id: '', title: 't', description: 'd' }] });
    expect(await call('data.sandboxDatasets')).toMatchObject({ ok: false, error: { code: 'unexpected' } });
  });

  it('carry incident numbers that can be read out loud', () => {
    expect(newIncident()).toMatch(/^[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}$/);
  });
});
