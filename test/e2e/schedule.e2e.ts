/** The computer slept through the preparation of a month: on waking it runs once, moves nothing and waits for a person. */
import { expect, type Page, test } from '@playwright/test';
import { enterSandbox, goTo, type RunningApp, removeUserData, startApp, stripeState } from './app';

let running: RunningApp;

test.beforeAll(async () => {
  running = await startApp();
  await enterSandbox(running.window);
});

test.afterAll(async () => {
  await running.close();
  await removeUserData(running.userData);
});

/** The clock of the main process goes to this instant and runs on from there. */
async function setClock(to: Date): Promise<void> {
  await running.app.evaluate((_electron, instant) => {
    const holder = globalThis as { RealDate?: DateConstructor };
    holder.RealDate ??= Date;
    const Real = holder.RealDate;
    const offset = instant - Real.now();
    globalThis.Date = class extends Real {
      constructor(...given: []) {
        super(...((given.length === 0 ? [Real.now() + offset] : given) as []));
      }
      static override now = () => Real.now() + offset;
    } as DateConstructor;
  }, to.getTime());
}

const wake = () => running.app.evaluate(({ powerMonitor }) => powerMonitor.emit('resume'));
const visible = () => running.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible());

async function answer<T>(window: Page, ask: () => Promise<{ ok: boolean; value?: T } | undefined>): Promise<T> {
  const reply = (await window.evaluate(ask)) as { ok: boolean; value?: T } | undefined;
  if (reply?.ok !== true) throw new Error(`It was refused: ${JSON.stringify(reply)}`);
  return reply.value as T;
}

const view = (window: Page) => answer(window, async () => globalThis.window.coffer?.call('schedule.get', undefined));

test.describe
  .serial('a scheduled preparation', () => {
    test('is set in Settings', async () => {
      const { window } = running;
      await window.evaluate(async () => {
        await globalThis.window.coffer?.call('data.useSandboxDataset', { id: 'worked' });
      });
      const period = (await view(window)).openPeriod ?? '';
      const [year = 0, month = 0] = period.split('-').map(Number);
      await setClock(new Date(year, month, 1, 12));
      await goTo(window, 'Settings');
      await window.getByRole('tab', { name: 'Schedule' }).click();
      await window.getByText('Prepare the month end: checks').click();
      await window.getByText('Keep Coffer in the tray').click();
      await window.getByRole('button', { name: 'Save the schedule' }).click();
      await expect(window.getByText('Schedule saved')).toBeVisible();
      await expect(window.getByText(`Preparation of ${period}`)).toBeVisible();
      // Whatever the checks warn of was read by a person.
      await window.evaluate(async (of) => {
        const checked = await globalThis.window.coffer?.call('monthEnd.run', { period: of, step: 'preflight' });
        if (checked?.ok !== true) throw new Error('The preflight did not run');
        for (const { code } of checked.value.steps[0]?.warnings ?? []) {
          await globalThis.window.coffer?.call('monthEnd.acknowledge', { period: of, step: 'preflight', code });
        }
      }, period);
    });

    test('closing the window leaves Coffer in the tray, and the preparation that was slept through runs on waking', async () => {
      const { window } = running;
      const period = (await view(window)).openPeriod ?? '';
      const [year = 0, month = 0] = period.split('-').map(Number);
      const before = await stripeState(window);
      await running.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
      await expect.poll(visible).toBe(false);
      await setClock(new Date(year, month, 4, 15));
      await wake();
      await expect
        .poll(async () => (await view(window)).past.find((row) => row.kind === 'prepare')?.state, { timeout: 30_000 })
        .toBe('ready');
      for (let again = 0; again < 3; again++) await wake();
      const prepared = (await view(window)).past.filter((row) => row.kind === 'prepare');
      expect(prepared).toHaveLength(1);
      const after = await stripeState(window);
      expect([after.payments, after.storage, after.counts]).toEqual([before.payments, before.storage, before.counts]);
      const log = await answer(window, async () =>
        globalThis.window.coffer?.call('audit.list', { offset: 0, limit: 100, search: 'schedule.preparing' }),
      );
      expect(log.total).toBe(1);
    });

    test('starting Coffer again brings the window back, and the month waits at its funding', async () => {
      const { window } = running;
      await running.app.evaluate(({ app }) => app.emit('second-instance'));
      await expect.poll(visible).toBe(true);
      await goTo(window, 'Month end');
      await expect(window.getByRole('button', { name: 'Fund Storage' })).toBeVisible();
      await goTo(window, 'Settings');
      await window.getByRole('tab', { name: 'Schedule' }).click();
      await expect(window.getByRole('table', { name: /What the schedule did/ })).toContainText('Waits for you');
    });
  });
