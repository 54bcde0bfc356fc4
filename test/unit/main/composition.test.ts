import { describe, expect, it, vi } from 'vitest';
import { type CompositionParts, compose } from '../../../electron/main/composition';
import { channelNames } from '../../../electron/main/ipc/register-handlers';
import type { AppState, Modes } from '../../../electron/main/modes';
import type { AppLock } from '../../../electron/main/people/app-lock';
import type { ServiceHandlers, ServiceHost } from '../../../electron/main/service-host';
import type { Mode, Role } from '../../../shared/contract';
import { CofferError } from '../../../shared/domain/coffer-error';

function fakeModes(welcomed = true): Modes {
  let state: AppState = {
    mode: 'sandbox',
    welcomed,
    operator: 'Dana',
    role: 'approver',
    hasPassphrase: false,
    unrestrictedKey: null,
  };
  return {
    current: () => state,
    update: async (change) => {
      state = { ...state, ...change };
    },
    folder: (of) => `/data/${of}`,
  };
}

function fakeLock(role: Role = 'approver', locked = false, fresh = true): AppLock {
  const view = async () => ({ locked, hasPassphrase: true, role, canKeep: true });
  return {
    status: view,
    setPassphrase: view,
    unlock: view,
    lock: view,
    setRole: view,
    role: () => role,
    isLocked: () => locked,
    requireUnlocked: () => {
      if (locked) throw new CofferError('locked', 'Coffer is locked.', '');
    },
    requireFresh: () => {
      if (!fresh) throw new CofferError('authenticate', 'Again.', '');
    },
  };
}

function setUp(overrides: Partial<CompositionParts> = {}) {
  const steps: string[] = [];
  const host = (mode: Mode): ServiceHost => ({
    handlers: {
      'data.sandboxDatasets': async () => [{ id: mode, title: mode, description: '' }],
    } as Partial<ServiceHandlers> as ServiceHandlers,
    unfinished: async () => [],
    note: async (action, payload) => {
      steps.push(`${action} ${JSON.stringify(payload)}`);
    },
    stripeKeyChanged: () => steps.push(`key ${mode}`),
    close: async () => {
      steps.push(`close ${mode}`);
    },
  });
  const unused = () => Promise.reject(new Error('not expected'));
  const composition = compose({
    modes: fakeModes(),
    lock: fakeLock(),
    facts: { version: '1', platform: 'linux', runtime: { kind: 'official', electron: '45', chrome: '1', node: '1' } },
    secretsHandlers: {
      'secrets.status': unused,
      'secrets.set': unused,
      'secrets.clear': unused,
      'secrets.test': unused,
    },
    openHost: async (mode) => {
      steps.push(`open ${mode}`);
      return host(mode);
    },
    refuseLive: () => undefined,
    showMode: (mode) => steps.push(`show ${mode}`),
    log: { info: vi.fn(), error: vi.fn() },
    ...overrides,
  });
  return { composition, steps };
}

const afterReply = () => new Promise((resolve) => setImmediate(resolve));

describe('every call passes the lock, the role and the fresh authentication', () => {
  const payStep = { period: '2026-10', step: 'pay' as const, typed: '1.00 2026-10' };
  const open = ['app.info', 'lock.status', 'lock.unlock', 'lock.now'];

  it('while locked, nothing answers but who is here and the way back in', async () => {
    const { composition } = setUp({ lock: fakeLock('approver', true) });
    await composition.start();
    for (const name of channelNames) {
      const refused = await (composition.handlers[name] as (args: unknown) => Promise<unknown>)({ mode: 'test' })
        .then(() => null)
        .catch((error: { code?: string }) => error.code);
      if (open.includes(name)) expect(refused, name).not.toBe('locked');
      else expect(refused, name).toBe('locked');
    }
  });

  it('a viewer pays nobody, a preparer neither; an approver may', async () => {
    for (const [role, code] of [
      ['viewer', 'role'],
      ['preparer', 'role'],
      ['approver', undefined],
    ] as const) {
      const { composition } = setUp({ lock: fakeLock(role) });
      await composition.start();
      const outcome = composition.handlers['monthEnd.run'](payStep);
      const refused = await outcome.then(() => undefined).catch((error: { code?: string }) => error.code);
      expect(refused).toBe(code);
    }
  });

  it('before anybody said who they are, no books are opened; then the name is noted in them', async () => {
    const { composition, steps } = setUp({ modes: fakeModes(false) });
    await composition.start();
    await expect(composition.handlers['data.sandboxDatasets'](undefined)).rejects.toMatchObject({
      code: 'operator-first',
    });
    await expect(composition.handlers['app.setMode']({ mode: 'test' })).rejects.toMatchObject({
      code: 'operator-first',
    });
    await composition.handlers['app.setOperator']({ name: 'Mara' });
    expect(steps).toEqual([]);
    await composition.handlers['app.welcomed'](undefined);
    await composition.handlers['app.welcomed'](undefined);
    await composition.handlers['data.sandboxDatasets'](undefined);
    expect(steps).toEqual(['open sandbox', 'operator.named {"name":"Mara","role":"approver"}']);
  });

  it('another name for the operator goes into the log, the same one does not', async () => {
    const { composition, steps } = setUp();
    await composition.start();
    await composition.handlers['app.setOperator']({ name: 'Dana' });
    expect(steps.join()).not.toContain('operator.renamed');
    await composition.handlers['app.setOperator']({ name: 'Dana Reyes' });
    expect(steps).toContain('operator.renamed {"before":"Dana","after":"Dana Reyes"}');
  });

  it('live payouts ask for the passphrase again; the sandbox does not', async () => {
    const stale = fakeLock('approver', false, false);
    const { composition } = setUp({ lock: stale });
    await composition.start();
    await expect(composition.handlers['monthEnd.run'](payStep)).rejects.not.toMatchObject({ code: 'authenticate' });
    await composition.handlers['app.setMode']({ mode: 'live' });
    await expect(composition.handlers['monthEnd.run'](payStep)).rejects.toMatchObject({ code: 'authenticate' });
    await expect(
      composition.handlers['payouts.retry']({ period: '2026-10', intentIds: ['i'], typed: '' }),
    ).rejects.toMatchObject({
      code: 'authenticate',
    });
  });
});

describe('a change of mode', () => {
  it('closes the one set of books before it opens the other, then shows it', async () => {
    const { composition, steps } = setUp();
    await composition.start();
    await composition.handlers['app.setMode']({ mode: 'test' });
    await afterReply();
    expect(steps).toEqual(['open sandbox', 'close sandbox', 'open test', 'show test']);
    expect(await composition.handlers['data.sandboxDatasets'](undefined)).toMatchObject([{ id: 'test' }]);
    expect((await composition.handlers['app.info'](undefined)).mode).toBe('test');
  });

  it('to the present mode changes nothing', async () => {
    const { composition, steps } = setUp();
    await composition.start();
    await composition.handlers['app.setMode']({ mode: 'sandbox' });
    expect(steps).toEqual(['open sandbox']);
  });

  it('to live is refused on a stand-in runtime, and the present books stay open', async () => {
    const { composition, steps } = setUp({
      refuseLive: () => {
        throw new CofferError('stand-in-runtime', 'no', 'no');
      },
    });
    await composition.start();
    await expect(composition.handlers['app.setMode']({ mode: 'live' })).rejects.toMatchObject({
      code: 'stand-in-runtime',
    });
    expect(steps).toEqual(['open sandbox']);
  });

  it('that fails to open says so on every call, and the way back works', async () => {
    const opened: Mode[] = [];
    const { composition } = setUp({
      openHost: async (mode) => {
        opened.push(mode);
        if (mode === 'test')
          throw new CofferError('newer-schema', 'These books are newer than this Coffer.', 'Update.');
        return {
          handlers: {} as Partial<ServiceHandlers> as ServiceHandlers,
          unfinished: async () => [],
          close: async () => undefined,
        };
      },
    });
    await composition.start();
    await composition.handlers['app.setMode']({ mode: 'test' });
    await expect(composition.handlers['balances.overview'](undefined)).rejects.toMatchObject({ code: 'newer-schema' });
    await composition.handlers['app.setMode']({ mode: 'sandbox' });
    expect(await composition.handlers['app.unfinished'](undefined)).toEqual([]);
    expect(opened).toEqual(['sandbox', 'test', 'sandbox']);
  });

  it('refuses calls while it happens', async () => {
    let finish: () => void = () => undefined;
    const { composition } = setUp({
      openHost: async () => ({
        handlers: {} as Partial<ServiceHandlers> as ServiceHandlers,
        unfinished: async () => [],
        close: () =>
          new Promise<void>((resolve) => {
            finish = resolve;
          }),
      }),
    });
    await composition.start();
    const change = composition.handlers['app.setMode']({ mode: 'test' });
    await expect(composition.handlers['app.unfinished'](undefined)).rejects.toMatchObject({ code: 'not-open' });
    await expect(composition.handlers['app.setMode']({ mode: 'live' })).rejects.toMatchObject({ code: 'busy' });
    await afterReply();
    finish();
    await change;
    expect(await composition.handlers['app.unfinished'](undefined)).toEqual([]);
  });
});

it('tells the services of a new key only when it is the key of their mode', async () => {
  const { composition, steps } = setUp();
  await composition.start();
  composition.stripeKeyChanged('live');
  composition.stripeKeyChanged('sandbox');
  expect(steps).toEqual(['open sandbox', 'key sandbox']);
});

it('has a handler for every channel of the contract', () => {
  expect(Object.keys(setUp().composition.handlers).sort()).toEqual([...channelNames].sort());
});
