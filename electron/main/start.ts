/** Puts the running app together: what is Electron's goes in here as plain functions and values. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  app,
  type BrowserWindow,
  ipcMain,
  Menu,
  nativeTheme,
  powerMonitor,
  session,
  shell,
  type UtilityProcess,
  utilityProcess,
} from 'electron';
import type { Mode } from '../../shared/contract';
import { createKeychain } from '../keychain/keychain';
import { loadKeytar } from '../keychain/keytar-binding';
import { createSecretStore, keyNotes } from '../keychain/secret-store';
import { compose } from './composition';
import { secretsHandlers, type TestConnection } from './handlers/secrets-handlers';
import { createPublisher } from './ipc/publisher';
import { registerHandlers } from './ipc/register-handlers';
import { jsonFile } from './json-file';
import type { Log } from './logging';
import { menuTemplate } from './menu';
import { openModes, windowTitle } from './modes';
import { chooseDialogs } from './native-dialogs';
import { nativeNotifier } from './notifications';
import { openPdfPrinter } from './pdf-printer';
import { createAppLock } from './people/app-lock';
import { lockWhenAway } from './people/lock-triggers';
import { quitGracefully } from './quit';
import { readRuntime, refuseLiveOn } from './runtime';
import { createSandboxProcess } from './sandbox-process';
import { serveApp } from './security/app-protocol';
import { denyDownloads } from './security/downloads';
import { cutNetwork } from './security/network';
import { denyPermissions } from './security/permissions';
import { withinLimit } from './time-limit';
import { backgroundTray } from './tray';
import { openMainWindow } from './window';
import { windowState } from './window-state';

/** The built files: main/, preload/ and renderer/ beside each other. */
const out = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Packaged: beside the app's archive. Else: in the project. */
const resources = app.isPackaged ? path.join(process.resourcesPath, 'resources') : path.resolve(out, '../resources');

/** Whoever has such a port can act in the page. */
const debugSwitches = ['remote-debugging-port', 'remote-debugging-pipe', 'inspect', 'inspect-brk'];

const PAGE_CALLS_WITHIN_MS = 1_000;

/** The entry of the app's passphrase; it belongs to no mode. */
const PASSPHRASE = 'app-passphrase';

export interface StartOptions {
  readonly log: Log;
  /** The folder of a test, if this is one. */
  readonly testUserData: string | null;
}

/** Called before Electron is ready: what needs no Electron is read meanwhile. @returns the way to the present main window */
export async function start({ log, testUserData }: StartOptions): Promise<() => BrowserWindow | undefined> {
  let mainWindow: BrowserWindow | undefined;
  const userData = app.getPath('userData');
  const runtime = readRuntime(process.execPath, process.versions);
  const placeFile = jsonFile(path.join(userData, 'window.json'), windowState);
  const [modes, saved] = await Promise.all([
    openModes(userData, os.userInfo().username, runtime.kind === 'official'),
    placeFile.read(),
    app.whenReady(),
  ]);
  const debugged = debugSwitches.some((name) => app.commandLine.hasSwitch(name));
  const refuseLive = () => refuseLiveOn(runtime, debugged);
  log.info(`Coffer ${app.getVersion()} on Electron ${runtime.electron} (${runtime.kind})`);

  denyPermissions(session.defaultSession);
  denyDownloads(session.defaultSession);
  cutNetwork(session.defaultSession);
  serveApp(session.defaultSession, path.join(out, 'renderer'));

  const publish = createPublisher(() => (mainWindow ? [mainWindow.webContents] : []), log);
  const open = () => {
    mainWindow?.show();
    mainWindow?.focus();
  };
  const navigate = (screen: string) => {
    open();
    publish('app.navigate', { screen });
  };

  const tray = backgroundTray({ icons: path.join(resources, 'icons'), open, quit: () => app.quit() });
  let quitting = false;
  app.on('before-quit', () => {
    quitting = true;
  });

  const keychain = createKeychain({
    load: loadKeytar,
    servicePrefix: testUserData ? `Coffer ${shortHash(testUserData)}` : 'Coffer',
    note: (text, error) => log.warn(text, error),
  });
  keychain.status().then(
    (view) => log.info(`keychain: ${view.state}`),
    (error: unknown) => log.error('keychain', error),
  );
  const secrets = createSecretStore({
    keychain,
    notes: jsonFile(path.join(userData, 'keys.json'), keyNotes),
    now: () => new Date(),
    refuseLive,
    changed: (mode) => composition.stripeKeyChanged(mode),
  });

  const sandboxState = path.join(modes.folder('sandbox'), 'stripe.jsonl');
  const sandbox = createSandboxProcess({
    fork: (args) => forkSandbox(args, log),
    stateFile: sandboxState,
    forget: () => rm(sandboxState, { force: true }),
    log,
  });

  // A test may put a local server in Stripe's place; live keys are never sent to one.
  const testStripe = testUserData === null ? null : (process.env.COFFER_TEST_STRIPE ?? null);
  const checkKey: TestConnection = async (key, rail = 'financial-account', allowLiveSecretKey) => {
    const { testConnection } = await import('../stripe/connection');
    return testStripe === null
      ? testConnection(key, { rail, allowLiveSecretKey })
      : { ...(await testConnection(key, { rail, baseUrl: testStripe })), mode: 'test' };
  };

  const lock = createAppLock({
    read: async () => (await secrets.secret('app', PASSPHRASE))?.value ?? null,
    write: (hash) => secrets.saveSecret('app', PASSPHRASE, hash, false),
    canKeep: async () => (await keychain.status()).state === 'ready',
    state: () => modes.current(),
    remember: (change) => modes.update(change),
    now: () => Date.now(),
    changed: (view) => publish('lock.changed', view),
  });
  lockWhenAway(lock, log);

  let pageCalled = () => {};
  const pageCalls = new Promise<void>((resolve) => {
    pageCalled = resolve;
  });
  const composition = compose({
    lock,
    modes,
    facts: { version: app.getVersion(), runtime, platform: process.platform },
    secretsHandlers: secretsHandlers({
      secrets,
      testConnection: checkKey,
      refuseLive,
      unrestricted: () => modes.current().unrestrictedKey,
      noteUnrestricted: (reason) => modes.update({ unrestrictedKey: reason }),
    }),
    refuseLive,
    log,
    async openHost(mode) {
      await mkdir(modes.folder(mode), { recursive: true, mode: 0o700 });
      // Reading the code of the services, most of the code, holds up this process for a while: until the page has its own code, which
      // comes from here, and is being drawn. A page that cannot be shown is not waited for.
      await withinLimit(pageCalls, PAGE_CALLS_WITHIN_MS);
      if (mode !== 'sandbox') await sandbox.stop();
      // Its process starts while the code of the services is read. Without a state it is the books' first start that begins it.
      else if (existsSync(sandboxState)) sandbox.url().catch((error: unknown) => log.error('the sandbox', error));
      const { openServices } = await import('./services/open-services');
      return openServices({
        mode,
        folder: modes.folder(mode),
        sandbox: mode === 'sandbox' ? sandbox : null,
        stripeUrl: mode === 'test' ? testStripe : null,
        resources,
        worker: new URL('./worker.js', import.meta.url),
        secrets,
        operator: () => modes.current().operator,
        role: () => modes.current().role,
        unrestrictedKey: () => modes.current().unrestrictedKey,
        publish,
        dialogs: chooseDialogs(app.isPackaged, () => mainWindow),
        openPdfPrinter,
        notify: nativeNotifier(navigate, lock.isLocked),
        onWake(listener) {
          powerMonitor.on('resume', listener);
          return () => powerMonitor.off('resume', listener);
        },
        stayInTray(on) {
          // Nobody could open a window that is hidden without an icon.
          if (!on && tray.stays() && !quitting) mainWindow?.show();
          tray.stay(on);
        },
        showFolder: (target) => shell.showItemInFolder(target),
        setTheme: (theme) => {
          nativeTheme.themeSource = theme;
        },
        runtime,
        log,
      });
    },
    showMode(mode: Mode) {
      mainWindow?.setTitle(windowTitle(mode));
      mainWindow?.webContents.reload();
    },
  });

  registerHandlers(ipcMain, composition.handlers, {
    called: pageCalled,
    isKnownWindow: (id) => mainWindow !== undefined && !mainWindow.isDestroyed() && mainWindow.webContents.id === id,
    log,
  });
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(
      menuTemplate(process.platform, app.isPackaged, {
        navigate,
        showLog: () => shell.showItemInFolder(path.join(userData, 'logs', 'coffer.log')),
      }),
    ),
  );
  quitGracefully({
    close: async () => {
      await composition.close();
      await sandbox.stop();
      await placeFile.flush();
    },
    isBlocked: keychain.isBlocked,
    log,
  });

  const showWindow = () => {
    const { mode } = modes.current();
    const preload = path.join(out, 'preload', 'index.cjs');
    const icon = path.join(resources, 'icons', 'icon-256.png');
    const window = openMainWindow({ mode, preload, icon, saved, file: placeFile, log });
    window.on('close', (event) => {
      if (quitting || !tray.stays()) return;
      event.preventDefault();
      window.hide();
      // Whoever opens it again from the tray gives the passphrase, as at a start.
      void lock.lock();
    });
    window.on('closed', () => {
      if (mainWindow === window) mainWindow = undefined;
    });
    mainWindow = window;
  };
  app.on('activate', () => {
    if (mainWindow) open();
    else showWindow();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  showWindow();
  void composition.start();
  return () => mainWindow;
}

function forkSandbox(args: readonly string[], log: Log): UtilityProcess {
  const file = path.join(out, 'main', 'sandbox.js');
  const child = utilityProcess.fork(file, [...args], { serviceName: 'Coffer sandbox', stdio: 'pipe' });
  child.stdout?.resume();
  child.stderr?.on('data', (text: Buffer) => log.warn('sandbox:', text.toString('utf8').trim().slice(0, 2_000)));
  return child;
}

/** A test must not meet the person's own entries in the keychain. */
function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
