import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import type { Mode } from '../../shared/contract';
import { appOrigin } from './ipc/sender';
import type { JsonFile } from './json-file';
import type { Log } from './logging';
import { windowTitle } from './modes';
import { webPreferences } from './security/web-preferences';
import { placeWindow, smallestWindow, type WindowState } from './window-state';

const saveDelayMs = 500;
/** A page that crashes is loaded again so many times; then the window stays as it is and the log says so. */
const reloadLimit = 3;

export interface WindowParts {
  readonly mode: Mode;
  readonly preload: string;
  readonly icon: string;
  /** Where the window was the last time. */
  readonly saved: WindowState | null;
  readonly file: JsonFile<WindowState>;
  readonly log: Log;
}

/** Returns before the page loads, so that the caller knows the window when its first call arrives. */
export function openMainWindow({ mode, preload, icon, saved, file, log }: WindowParts): BrowserWindow {
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter((display) => display.id !== primary.id);
  const placement = placeWindow(
    saved,
    [primary, ...others].map((display) => display.workArea),
  );
  const window = new BrowserWindow({
    width: placement.width,
    height: placement.height,
    ...(placement.position ?? { center: true }),
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    show: false,
    title: windowTitle(mode),
    icon,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#161616' : '#ffffff',
    webPreferences: webPreferences(preload, app.isPackaged),
  });

  // The mode stands in the title whatever the page calls itself.
  window.on('page-title-updated', (event) => event.preventDefault());
  window.once('ready-to-show', () => {
    if (placement.maximized) window.maximize();
    window.show();
  });
  rememberPlace(window, file, log);
  reloadAfterCrash(window, log);
  window.loadURL(`${appOrigin}/index.html`).catch((error: unknown) => log.error('the page did not load', error));
  return window;
}

function rememberPlace(window: BrowserWindow, file: JsonFile<WindowState>, log: Log): void {
  let timer: NodeJS.Timeout | undefined;
  const save = () => {
    clearTimeout(timer);
    if (window.isDestroyed() || window.isMinimized() || window.isFullScreen()) return;
    const state = { ...window.getNormalBounds(), maximized: window.isMaximized() };
    file.write(state).catch((error: unknown) => log.warn('the place of the window was not saved', error));
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(save, saveDelayMs);
  };
  window.on('resize', later);
  window.on('move', later);
  window.on('close', save);
}

function reloadAfterCrash(window: BrowserWindow, log: Log): void {
  let crashes = 0;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    crashes += 1;
    log.error(`the page ended: ${reason}`);
    if (crashes <= reloadLimit) window.webContents.reload();
  });
  window.on('unresponsive', () => log.warn('the page does not respond'));
}
