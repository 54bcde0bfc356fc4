/**
 * Puts answers in the place of the main process of a running app: window, preload, policy and page are the real ones, and what the
 * page is told is the same every time.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ElectronApplication, Page } from '@playwright/test';
import type { ChannelName, CofferApi } from '../../shared/contract';
import { contract } from '../../shared/contract';

/** An answer that does not come: the page shows that it waits. */
export const never = (): Promise<never> => new Promise(() => undefined);

export interface Answers {
  /** What the page is told from now on. */
  use(answers: Pick<CofferApi, 'call'>): void;
  /** Opens a place by text, as a notification does: `payouts?period=2026-10`. */
  goTo(place: string): Promise<void>;
  close(): Promise<void>;
}

export async function answerInstead(app: ElectronApplication, window: Page): Promise<Answers> {
  let answers: Pick<CofferApi, 'call'> | undefined;
  const server = createServer(async (request, response) => {
    const { channel, args }: { channel: ChannelName; args?: never } = JSON.parse(await text(request));
    response.end(JSON.stringify(await answers?.call(channel, args as never)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await app.evaluate(
    ({ ipcMain, BrowserWindow }, { url, channels }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      if (contents === undefined) throw new Error('There is no window');
      const send = contents.send.bind(contents);
      // What the real services push would change the page; the tests push for themselves.
      contents.send = (name: string, ...rest: unknown[]) => {
        if (name === 'app.navigate') send(name, ...rest);
      };
      for (const channel of channels) {
        ipcMain.removeHandler(channel);
        ipcMain.handle(channel, async (_event, args: unknown) => {
          const reply = await fetch(url, { method: 'POST', body: JSON.stringify({ channel, args }) });
          return reply.json();
        });
      }
    },
    { url: `http://127.0.0.1:${port}`, channels: Object.keys(contract) },
  );
  return {
    use: (next) => {
      answers = next;
    },
    goTo: async (place) => {
      await app.evaluate(
        ({ BrowserWindow }, screen) => BrowserWindow.getAllWindows()[0]?.webContents.send('app.navigate', { screen }),
        place,
      );
      await window.waitForTimeout(50);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
