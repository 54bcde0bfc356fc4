import type { IntentState } from '../../../electron/journal/intent';
import { markCompensated, markSending, recordOutcome } from '../../../electron/journal/journal';
import type { Books } from './books';

/** A way from planned to each state. */
export const WAYS: Readonly<Record<IntentState, readonly IntentState[]>> = {
  planned: [],
  sending: ['sending'],
  unknown: ['sending', 'unknown'],
  processing: ['sending', 'processing'],
  posted: ['sending', 'posted'],
  failed: ['sending', 'failed'],
  returned: ['sending', 'posted', 'returned'],
  canceled: ['canceled'],
  compensated: ['sending', 'posted', 'compensated'],
};

export const STATES = Object.keys(WAYS) as readonly IntentState[];

export interface Answer {
  readonly requestId?: string | null;
  readonly code?: string;
  readonly message?: string;
  readonly stripeObject?: string;
}

let objects = 0;

/** Takes an intent to a state as calls to Stripe would. */
export async function enter(
  { context }: Books,
  id: string,
  state: IntentState,
  { requestId = 'req_1', code = 'x', message = 'Said so', stripeObject = `po_${++objects}` }: Answer = {},
): Promise<void> {
  const answer = { requestId, code, message };
  switch (state) {
    case 'sending':
      await markSending(context, id);
      return;
    case 'compensated':
      return markCompensated(context, id);
    case 'planned':
      await recordOutcome(context, id, { state: 'not-now', ...answer, retryAfterMs: 1 });
      return;
    case 'unknown':
      await recordOutcome(context, id, { state, ...answer });
      return;
    case 'processing':
    case 'posted':
      await recordOutcome(context, id, { state, requestId, stripeObject });
      return;
    case 'returned':
      await recordOutcome(context, id, { state, ...answer, stripeObject });
      return;
    case 'failed':
    case 'canceled':
      await recordOutcome(context, id, { state, ...answer, stripeObject: null });
  }
}
