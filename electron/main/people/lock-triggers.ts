/** When the app locks by itself. */
import { powerMonitor } from 'electron';
import type { AppLock } from './app-lock';

const IDLE_SECONDS = 10 * 60;
const LOOK_EVERY_MS = 15_000;

export function lockWhenAway(lock: AppLock, log: { error(...parts: unknown[]): void }): void {
  const away = () => {
    lock.lock().catch((error: unknown) => log.error('locking', error));
  };
  powerMonitor.on('suspend', away);
  powerMonitor.on('lock-screen', away);
  setInterval(() => {
    if (powerMonitor.getSystemIdleTime() >= IDLE_SECONDS) away();
  }, LOOK_EVERY_MS).unref();
}
