/**
 * The start of the app: each line of it is one measure, in a file that names the item of Electron's security checklist
 * that it answers. What runs then is put together in start.ts.
 */
import path from 'node:path';
import { app, type BrowserWindow } from 'electron';
import { headlessArguments, runInsteadOfTheApp } from './headless';
import { createLog } from './logging';
import { registerAppScheme } from './security/app-protocol';
import { denyBluetooth } from './security/bluetooth';
import { limitNavigation } from './security/navigation';
import { denyNewWindows } from './security/new-windows';
import { sandboxEveryRenderer } from './security/process-sandbox';
import { holdSingleInstance } from './security/single-instance';
import { takeTestUserData } from './security/user-data';
import { denyWebviews } from './security/webviews';
import { start } from './start';

let mainWindow: (() => BrowserWindow | undefined) | undefined;

app.setName('Coffer');
// Awaited at the top level, on purpose: Electron does not become ready, and needs no display, while this module is evaluated.
const headless = headlessArguments(process.argv, app.isPackaged);
if (headless) await runInsteadOfTheApp(headless);
const testUserData = takeTestUserData();
sandboxEveryRenderer();
registerAppScheme();

if (holdSingleInstance(() => mainWindow?.())) {
  const log = createLog({ folder: path.join(app.getPath('userData'), 'logs'), terminal: !app.isPackaged });
  process.on('unhandledRejection', (reason) => log.error('a failure that nobody handled', reason));
  process.on('uncaughtException', (error) => {
    // The state is not known any more; a run that was under way is found again at the next start.
    log.error('an error that nobody caught', error);
    app.exit(1);
  });
  denyNewWindows();
  denyWebviews();
  denyBluetooth();
  limitNavigation(log);
  // Not awaited at the top level: Electron is not ready before this module has been evaluated.
  start({ log, testUserData })
    .then((window) => {
      mainWindow = window;
    })
    .catch((error: unknown) => {
      log.error('Coffer did not start', error);
      app.exit(1);
    });
} else {
  app.quit();
}
