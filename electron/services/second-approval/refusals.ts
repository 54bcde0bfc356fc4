/** What both machines look at before they trust a file. */
import { CofferError } from '../../../shared/domain/coffer-error';

/** The clocks of two machines may differ by so much. */
const CLOCK_MS = 5 * 60_000;

export function refuseFuture(now: Date, writtenAt: string): void {
  if (Date.parse(writtenAt) <= now.getTime() + CLOCK_MS) return;
  throw new CofferError(
    'approval-not-yet-valid',
    `This file says it was written on ${writtenAt}, which is still to come by the clock of this computer.`,
    'Set the clocks of both computers right, then save a new request.',
  );
}

export const sameName = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();
