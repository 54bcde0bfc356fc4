/**
 * Electron's security checklist in the real app: each test is named for its item and fails when the item is undone.
 * The table of items, code and tests: docs/security.md. Items 15, 16 and 19 are proved elsewhere.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';
import { enterSandbox, type RunningApp, startApp } from './app';

let running: RunningApp;
let server: Server;
let address = '';
let hits = 0;

test.beforeAll(async () => {
  server = createServer((_request, reply) => {
    hits += 1;
    reply.setHeader('access-control-allow-origin', '*');
    reply.end('<title>elsewhere</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  running = await startApp();
  await enterSandbox(running.window);
});

test.afterAll(async () => {
  await running.close();
  server.close();
});

/** What the page's own window has in force, asked of Electron itself. */
function preferences(): Promise<Record<string, unknown>> {
  return running.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences(): Record<string, unknown>;
    };
    return { ...contents.getLastWebPreferences(), session: undefined, preload: undefined };
  });
}

/** Whether Coffer's own listener refuses: the event goes the way it goes in Electron. */
function refuses(event: string): Promise<boolean> {
  return running.app.evaluate(
    ({ BrowserWindow }, { name, url }) => {
      let prevented = false;
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      const made = {
        url,
        preventDefault: () => {
          prevented = true;
        },
      };
      contents?.emit(name as 'will-navigate', made as never, {} as never, {} as never);
      return prevented;
    },
    { name: event, url: address },
  );
}

/** Asked of the main process: Playwright itself waits for a navigation that never comes. */
const stays = async (): Promise<void> => {
  const shown = await running.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    return contents?.getURL();
  });
  expect(shown).toMatch(/^app:\/\/coffer\//);
};

/** Runs a script in the page past Playwright. */
const inPage = (script: string): Promise<unknown> =>
  running.app.evaluate(
    ({ BrowserWindow }, code) => BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(code, true),
    script,
  );

test('item 1: the page loads nothing from a network, even without its content security policy', async () => {
  const { window } = running;
  const before = hits;
  const direct = await window.evaluate(
    (url) =>
      fetch(url).then(
        () => 'loaded',
        () => 'refused',
      ),
    address,
  );
  expect(direct).toBe('refused');
  const session = await window.context().newCDPSession(window);
  await session.send('Page.setBypassCSP', { enabled: true });
  await window.reload();
  const bypassed = await window.evaluate(async (url) => {
    const image = await new Promise<string>((resolve) => {
      const element = new Image();
      element.onload = () => resolve('loaded');
      element.onerror = () => resolve('refused');
      element.src = url;
    });
    return [
      image,
      await fetch(url).then(
        () => 'loaded',
        () => 'refused',
      ),
    ];
  }, address);
  expect(bypassed).toEqual(['refused', 'refused']);
  await session.send('Page.setBypassCSP', { enabled: false });
  await window.reload();
  expect(hits).toBe(before);
});

test('item 2: no Node in the page', async () => {
  expect(
    await running.window.evaluate(() =>
      ['require', 'module', 'process', 'Buffer', 'global', '__dirname'].filter((name) => name in globalThis),
    ),
  ).toEqual([]);
  expect(await preferences()).toMatchObject({
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
  });
});

test('item 3: the preload lives in another world than the page', async () => {
  expect(await preferences()).toMatchObject({ contextIsolation: true });
  const changed = await running.window.evaluate(() => {
    // A page that was taken over changes the built-ins; the preload must not notice.
    const real = Array.prototype.includes;
    Array.prototype.includes = () => true;
    try {
      return globalThis.window.coffer?.call('not.a.channel' as never, undefined as never);
    } finally {
      Array.prototype.includes = real;
    }
  });
  expect(changed).toMatchObject({ ok: false, error: { code: 'unknown-channel' } });
});

test('item 4: the page runs in the sandbox of the operating system, unless this is root', async () => {
  expect(await preferences()).toMatchObject({ sandbox: true });
  const switches = await running.app.evaluate(({ app }) => ({
    off: app.commandLine.hasSwitch('no-sandbox'),
    on: app.commandLine.hasSwitch('enable-sandbox'),
  }));
  expect(switches.on || switches.off).toBe(true);
  if (process.getuid?.() !== 0) expect(switches.off).toBe(false);
});

test('item 5: every permission and device is denied, but writing to the clipboard', async () => {
  const { window } = running;
  const answers = await window.evaluate(async () => {
    const said = async (ask: () => Promise<unknown>) =>
      ask().then(
        (value) => String(value),
        () => 'denied',
      );
    return {
      notification: await said(() => Notification.requestPermission()),
      location: await said(
        () =>
          new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(() => resolve('granted'), reject)),
      ),
      camera: await said(() => navigator.mediaDevices.getUserMedia({ video: true, audio: true })),
      screen: await said(() => navigator.mediaDevices.getDisplayMedia({ video: true })),
      midi: await said(() => navigator.requestMIDIAccess()),
      clipboard: await said(() => navigator.clipboard.readText()),
    };
  });
  expect(answers).toEqual({
    notification: 'denied',
    location: 'denied',
    camera: 'denied',
    screen: 'denied',
    midi: 'denied',
    clipboard: 'denied',
  });
  const asked = await running.app.evaluate(({ session, BrowserWindow }) => {
    // The device choosers: each event is answered with nothing.
    const chosen: unknown[] = [];
    let prevented = 0;
    const event = {
      preventDefault: () => {
        prevented += 1;
      },
    };
    const choose = (value?: unknown) => chosen.push(value ?? null);
    const own = session.defaultSession;
    own.emit('select-hid-device', event, {}, choose);
    own.emit('select-usb-device', event, {}, choose);
    own.emit('select-serial-port', event, [], {}, choose);
    BrowserWindow.getAllWindows()[0]?.webContents.emit(
      'select-bluetooth-device',
      event as never,
      [] as never,
      choose as never,
    );
    return { prevented, chosen };
  });
  expect(asked).toEqual({ prevented: 4, chosen: [null, null, '', ''] });
});

test('items 6, 8, 9, 10: web security on; no insecure content, experiments or Blink features', async () => {
  const now = await preferences();
  expect(now).toMatchObject({ webSecurity: true, allowRunningInsecureContent: false, experimentalFeatures: false });
  expect(now.enableBlinkFeatures ?? '').toBe('');
});

test('item 7: neither inline script nor eval nor a foreign style runs', async () => {
  const { window } = running;
  const ran = await window.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.inlineRan = true';
    document.head.append(script);
    const style = document.createElement('style');
    style.textContent = 'body { --planted: 1 }';
    document.head.append(style);
    const button = document.createElement('button');
    button.setAttribute('onclick', 'globalThis.handlerRan = true');
    document.body.append(button);
    button.click();
    const violated: string[] = [];
    globalThis.addEventListener('securitypolicyviolation', (event) => violated.push(event.violatedDirective));
    const frame = document.createElement('iframe');
    frame.src = 'https://coffer.invalid/';
    document.body.append(frame);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const planted = getComputedStyle(document.body).getPropertyValue('--planted');
    for (const element of [script, style, button]) element.remove();
    frame.remove();
    const page = globalThis as { inlineRan?: boolean; handlerRan?: boolean };
    return {
      inline: page.inlineRan ?? false,
      handler: page.handlerRan ?? false,
      planted,
      framed: violated.includes('frame-src'),
    };
  });
  expect(ran).toEqual({
    inline: false,
    handler: false,
    planted: '',
    framed: true,
  });
  const headers = await running.app.evaluate(async ({ session }) => {
    const reply = await session.defaultSession.fetch('app://coffer/index.html');
    return reply.headers.get('content-security-policy');
  });
  expect(headers).toContain("default-src 'none'; script-src 'self';");
  expect(headers).toContain("connect-src 'none'");
  expect(headers).not.toMatch(/unsafe-|\*|https?:/);
});

test('items 11, 12: a webview is not attached, whatever it asks for', async () => {
  expect(await preferences()).toMatchObject({ webviewTag: false });
  await running.window.evaluate((url) => {
    const view = document.createElement('webview');
    view.setAttribute('src', url);
    view.setAttribute('allowpopups', '');
    document.body.append(view);
  }, address);
  expect(await refuses('will-attach-webview')).toBe(true);
  const kinds = await running.app.evaluate(({ webContents }) =>
    webContents.getAllWebContents().map((one) => one.getType()),
  );
  expect(kinds).not.toContain('webview');
  await running.window.evaluate(() => document.querySelector('webview')?.remove());
});

test('item 13: no way leads away from our pages', async () => {
  const before = hits;
  const targets = [address, 'file:///etc/passwd', 'data:text/html,<p>x', 'https://coffer.invalid/'];
  for (const target of targets) {
    await inPage(`location.href = ${JSON.stringify(target)}; 0`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await stays();
  }
  await inPage(`{
    const link = Object.assign(document.createElement('a'), { href: ${JSON.stringify(address)} });
    const form = Object.assign(document.createElement('form'), { action: ${JSON.stringify(address)} });
    document.body.append(link, form);
    link.click();
    form.submit();
    link.remove();
    form.remove();
  } 0`);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await stays();
  expect(await inPage('document.querySelector("h1") !== null')).toBe(true);
  for (const event of ['will-navigate', 'will-frame-navigate', 'will-redirect'])
    expect(await refuses(event)).toBe(true);
  expect(hits).toBe(before);
  await running.window.reload();
});

test('item 14: no page opens a window', async () => {
  const { window } = running;
  const opened = await window.evaluate(
    (url) => [globalThis.open(url), globalThis.open('app://coffer/index.html')],
    address,
  );
  expect(opened).toEqual([null, null]);
  expect(await running.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
});

test('item 17: a frame of our own origin inside the page gets no answer', async () => {
  const framed = await running.window.evaluate(async () => {
    const frame = document.createElement('iframe');
    frame.src = 'app://coffer/index.html';
    document.body.append(frame);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const has = (() => {
      try {
        return 'coffer' in (frame.contentWindow ?? {});
      } catch {
        return false;
      }
    })();
    frame.remove();
    return has;
  });
  expect(framed).toBe(false);
});

test('item 18: the page comes from app://coffer, which serves nothing outside of its folder', async () => {
  const answers = await running.app.evaluate(async ({ session }) => {
    const asked: Record<string, number> = {};
    for (const path of [
      'index.html',
      '..%2fmain%2findex.js',
      '%2e%2e/%2e%2e/package.json',
      '..%5c..%5cpackage.json',
      '/etc/passwd',
      'index.html%00.js',
    ]) {
      asked[path] = (await session.defaultSession.fetch(`app://coffer/${path}`).catch(() => ({ status: 400 }))).status;
    }
    asked.other = (
      await session.defaultSession.fetch('app://elsewhere/index.html').catch(() => ({ status: 400 }))
    ).status;
    return asked;
  });
  const { 'index.html': page, ...rest } = answers;
  expect(page).toBe(200);
  for (const status of Object.values(rest)) expect(status).toBeGreaterThanOrEqual(400);
  expect(await running.window.evaluate(() => globalThis.location.origin)).toBe('app://coffer');
});

test('item 20: the page sees one frozen object with two functions, and no event object ever', async () => {
  const seen = await running.window.evaluate(async () => {
    const { coffer } = globalThis.window;
    if (coffer === undefined) return null;
    const attempt = (change: () => void) => {
      try {
        change();
      } catch {}
    };
    attempt(() => Object.assign(coffer, { call: () => 'mine' }));
    attempt(() => Object.defineProperty(globalThis.window, 'coffer', { value: {} }));
    const payloads = await new Promise<number>((resolve) => {
      const off = coffer.on('balances.changed', (...all: unknown[]) => {
        off();
        resolve(all.length);
      });
      void coffer.call('balances.refresh', undefined);
    });
    return {
      keys: Object.keys(coffer).sort(),
      frozen: Object.isFrozen(coffer),
      still: (await globalThis.window.coffer?.call('app.info', undefined))?.ok,
      payloads,
    };
  });
  expect(seen).toEqual({ keys: ['call', 'on'], frozen: true, still: true, payloads: 1 });
});

test('a download is refused: files leave through a save dialog of the main process only', async () => {
  const refused = await running.app.evaluate(({ session }) => {
    let prevented = false;
    session.defaultSession.emit(
      'will-download',
      {
        preventDefault: () => {
          prevented = true;
        },
      },
      {},
      {},
    );
    return prevented;
  });
  expect(refused).toBe(true);
});
