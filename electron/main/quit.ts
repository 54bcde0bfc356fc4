/** Quitting waits for what is under way, but not forever: an interrupted run is found again at the next start. */
import { app } from 'electron';
import type { Log } from './logging';
import { withinLimit } from './time-limit';

const limitMs = 15_000;

export interface QuitParts {
  readonly close: () => Promise<void>;
  /** A native call still holds a thread; the process would wait for it on its way out, if need be for ever. */
  readonly isBlocked: () => boolean;
  readonly log: Log;
}

export function quitGracefully({ close, isBlocked, log }: QuitParts): void {
  let state: 'running' | 'closing' | 'closed' = 'running';
  app.on('before-quit', (event) => {
    if (state === 'closed') return;
    event.preventDefault();
    if (state === 'closing') return;
    state = 'closing';
    withinLimit(close(), limitMs)
      .then((inTime) => {
        if (!inTime) log.warn('not everything was closed in time');
      })
      .catch((error: unknown) => log.error('closing failed', error))
      .finally(() => {
        state = 'closed';
        if (isBlocked()) process.kill(process.pid, 'SIGKILL');
        app.quit();
      });
  });
}
