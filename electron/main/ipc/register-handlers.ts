import { type ChannelName, contract, type Handlers, type Result } from '../../../shared/contract';
import type { Log } from '../logging';
import { answer } from './answer';
import { failureOf } from './failure';
import { type CallEvent, senderProblem } from './sender';

/** The part of Electron's `ipcMain` that is used. */
export interface CallReceiver {
  handle(channel: string, listener: (event: CallEvent, args?: unknown) => Promise<Result<unknown>>): void;
}

export interface CallOptions {
  /** Hears of every call of the window before it is answered. */
  readonly called?: () => void;
  readonly isKnownWindow: (webContentsId: number) => boolean;
  readonly log: Pick<Log, 'warn' | 'error'>;
}

export function isChannel(name: string): name is ChannelName {
  return Object.hasOwn(contract, name);
}

export const channelNames: readonly ChannelName[] = Object.keys(contract).filter(isChannel);

/** Answers exactly the channels of the contract. */
export function registerHandlers(
  receiver: CallReceiver,
  handlers: Handlers,
  { called, isKnownWindow, log }: CallOptions,
): void {
  for (const channel of channelNames) {
    receiver.handle(channel, async (event, args) => {
      const problem = senderProblem(event, isKnownWindow);
      if (problem) {
        log.warn(`refused a call of ${channel}: ${problem}`);
        return { ok: false, error: { code: 'refused', message: 'This call was refused.', hint: 'Restart Coffer.' } };
      }
      called?.();
      return answer(channel, handlers[channel], args, (error, doing) => failureOf(error, doing, log));
    });
  }
}
