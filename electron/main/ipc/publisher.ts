import { type EventName, type EventPayload, events } from '../../../shared/contract';
import type { Log } from '../logging';

/** The part of Electron's `WebContents` that is used. */
export interface EventReceiver {
  isDestroyed(): boolean;
  send(channel: string, payload: unknown): void;
}

export type Publish = <E extends EventName>(event: E, payload: EventPayload<E>) => void;

/**
 * Pushes events to the windows. A payload that does not fit the contract is a bug of the sender: it is logged and not
 * sent, and the caller, who may be in the middle of a run, goes on.
 */
export function createPublisher(windows: () => readonly EventReceiver[], log: Pick<Log, 'error'>): Publish {
  return (event, payload) => {
    const parsed = events[event].safeParse(payload);
    if (!parsed.success) {
      log.error(
        `event ${event} does not fit the contract`,
        parsed.error.issues.map((issue) => [issue.path, issue.code]),
      );
      return;
    }
    for (const window of windows()) if (!window.isDestroyed()) window.send(event, parsed.data);
  };
}
