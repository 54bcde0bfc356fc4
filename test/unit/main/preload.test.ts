import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type CofferApi, contract, events } from '../../../shared/contract';

const electron = vi.hoisted(() => {
  const listeners = new Map<string, Set<(event: unknown, payload: unknown) => void>>();
  return {
    listeners,
    exposed: new Map<string, unknown>(),
    invoked: [] as unknown[][],
  };
});

vi.mock('electron', () => ({
  contextBridge: { exposeInMainWorld: (name: string, api: unknown) => electron.exposed.set(name, api) },
  ipcRenderer: {
    invoke: async (...call: unknown[]) => {
      electron.invoked.push(call);
      return { ok: true, value: null };
    },
    on: (name: string, listener: (event: unknown, payload: unknown) => void) => {
      electron.listeners.set(name, (electron.listeners.get(name) ?? new Set()).add(listener));
    },
    removeListener: (name: string, listener: (event: unknown, payload: unknown) => void) => {
      electron.listeners.get(name)?.delete(listener);
    },
  },
}));

await import('../../../electron/preload/index');
const api = electron.exposed.get('coffer') as CofferApi;
const outside = api as unknown as {
  call(channel: string): Promise<unknown>;
  on(event: string, listener: unknown): () => void;
};

beforeEach(() => {
  electron.invoked.length = 0;
  electron.listeners.clear();
});

describe('what the pages see', () => {
  it('is one frozen object with two functions', () => {
    expect([...electron.exposed.keys()]).toEqual(['coffer']);
    expect(Object.keys(api)).toEqual(['call', 'on']);
    expect(Object.isFrozen(api)).toBe(true);
  });

  it('calls every channel of the contract', async () => {
    for (const channel of Object.keys(contract)) await outside.call(channel);
    expect(electron.invoked.map(([channel]) => channel)).toEqual(Object.keys(contract));
  });

  it.each(['nope', '__proto__', 'constructor', 'toString', 'app.info '])(
    'does not pass on the call %j',
    async (name) => {
      expect(await outside.call(name)).toMatchObject({ ok: false, error: { code: 'unknown-channel' } });
      expect(electron.invoked).toEqual([]);
    },
  );

  it('hears every event of the contract, without the event object, until it is told to stop', () => {
    for (const event of Object.keys(events)) {
      const heard = vi.fn();
      const stop = outside.on(event, heard);
      for (const listener of electron.listeners.get(event) ?? []) listener({ sender: 'secret' }, { screen: 'x' });
      expect(heard.mock.calls).toEqual([[{ screen: 'x' }]]);
      stop();
      expect(electron.listeners.get(event)?.size).toBe(0);
    }
  });

  it('hears nothing else', () => {
    outside.on('ELECTRON_INTERNAL', vi.fn());
    outside.on('constructor', vi.fn());
    outside.on('app.navigate', 'not a function');
    expect(electron.listeners.size).toBe(0);
  });
});
