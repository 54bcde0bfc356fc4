import type { PayoutStatus } from '../../shared/contract';
import { StatusPill, type StatusTone } from './status-pill';

interface Word {
  readonly tone: StatusTone;
  readonly word: string;
}

/** In the order of a payout's life, with what needs a person first among the ends. */
export const payoutWords: Readonly<Record<PayoutStatus, Word>> = {
  planned: { tone: 'neutral', word: 'Planned' },
  sending: { tone: 'progress', word: 'Sending' },
  unknown: { tone: 'unknown', word: 'Unknown' },
  processing: { tone: 'progress', word: 'Processing' },
  posted: { tone: 'good', word: 'Posted' },
  failed: { tone: 'bad', word: 'Failed' },
  returned: { tone: 'bad', word: 'Returned' },
  canceled: { tone: 'neutral', word: 'Canceled' },
  compensated: { tone: 'neutral', word: 'Compensated' },
};

/** A payout that ended without being paid: its amount is still owed and may be paid again. */
export const notPaidStatuses = ['failed', 'returned', 'canceled'] as const satisfies readonly PayoutStatus[];

/** Reads a status that arrives as text, such as a parameter of the screen. */
export function parsePayoutStatus(text: string | undefined): PayoutStatus | undefined {
  return text !== undefined && Object.hasOwn(payoutWords, text) ? (text as PayoutStatus) : undefined;
}

/** The state of a payout or of one of its events; a state that has no word here is shown as it is written. */
export function PayoutPill({ status }: { readonly status: string }) {
  const known = parsePayoutStatus(status);
  const { tone, word } =
    known === undefined ? { tone: 'neutral' as const, word: sentence(status) } : payoutWords[known];
  return <StatusPill tone={tone}>{word}</StatusPill>;
}

function sentence(text: string): string {
  const words = text.replaceAll(/[-_]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
