import { app, type BrowserWindow } from 'electron';

/**
 * Two instances on the same books would both move money. The second one brings the first one's window to the front and ends.
 * @returns whether this is the first
 */
export function holdSingleInstance(window: () => BrowserWindow | undefined): boolean {
  if (!app.requestSingleInstanceLock()) return false;
  app.on('second-instance', () => {
    const first = window();
    if (!first) return;
    if (first.isMinimized()) first.restore();
    first.show();
    first.focus();
  });
  return true;
}
