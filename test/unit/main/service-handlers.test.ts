import { expect, it } from 'vitest';
import { channelNames } from '../../../electron/main/ipc/register-handlers';
import type { OpenBooks } from '../../../electron/main/services/open-books';
import type { ScheduleClock } from '../../../electron/main/services/schedule-clock';
import { serviceHandlers } from '../../../electron/main/services/service-handlers';
import type { WatchedFolder } from '../../../electron/main/services/watched-folder';
import { RunGuard } from '../../../electron/services/context';

const reached = new Error('the books were asked');

/** Books that only say they were asked. */
function setUp(firstConnection: Promise<void> = Promise.resolve()) {
  const asked = () => {
    throw reached;
  };
  const guard = new RunGuard();
  const books = {
    guard,
    firstConnection: () => firstConnection,
    surroundings: { mode: 'test', folder: '/data/test', secrets: {}, dialogs: {} },
    damage: null,
    storePath: '/data/test/coffer.db',
    platform: asked,
    monitor: asked,
  } as unknown as OpenBooks;
  const schedule = { update: asked } as unknown as ScheduleClock;
  return { guard, handlers: serviceHandlers(books, {} as WatchedFolder, schedule) };
}

it('has a handler for every channel that the shell does not answer itself, and no other', () => {
  const { handlers } = setUp();
  const ofServices = channelNames.filter((name) => !/^(app|secrets|lock)\./.test(name));
  expect(Object.keys(handlers).sort()).toEqual([...ofServices].sort());
});

it('refuses what would wait for the lock of an import, and reads meanwhile', async () => {
  const { guard, handlers } = setUp();
  let end = (): void => {};
  const importing = guard.run('import', () => new Promise<void>((resolve) => (end = resolve)));
  await expect(handlers['alerts.acknowledge']({ id: 'a' })).rejects.toMatchObject({ code: 'busy' });
  await expect(handlers['schedule.update']({} as never)).rejects.toMatchObject({ code: 'busy' });
  await expect(handlers['alerts.history']({ id: 'a' })).rejects.toBe(reached);
  end();
  await importing;
  await expect(handlers['alerts.acknowledge']({ id: 'a' })).rejects.toBe(reached);
});

it('answers the first screen before Stripe has answered, and the rest after', async () => {
  let connected = (): void => {};
  const { handlers } = setUp(new Promise((resolve) => (connected = resolve)));
  await expect(handlers['settings.get'](undefined)).rejects.toBe(reached);
  let answered = false;
  const rest = handlers['audit.verify'](undefined).finally(() => {
    answered = true;
  });
  rest.catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  expect(answered).toBe(false);
  connected();
  await expect(rest).rejects.toBe(reached);
});
