/** What goes into the matching of lines with movements, and what comes out of it. Amounts in minor units, signed as at Stripe. */
import type { ExceptionClass } from '../../../shared/contract/proof';
import type { IntentState } from '../../journal/intent';
import type { StripeLine } from '../../rails/segregation-rail';

export type Side = StripeLine['side'];

export interface LineToMatch extends Pick<StripeLine, 'side' | 'stripeId' | 'type' | 'currency' | 'amount' | 'source'> {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** First seen after the close of the month that it belongs to. */
  readonly late: boolean;
  /** Set for a line that was matched or explained before; its verdict stands and is not given again. */
  readonly decided: { readonly intentId: string | null; readonly exception: boolean } | null;
}

/** A movement of ours with what it does to each balance once it is posted. */
export interface MovementToMatch {
  readonly intentId: string;
  /** Movements that were approved together may be one line at Stripe. */
  readonly batch: string;
  readonly currency: string;
  readonly state: IntentState;
  /** Ids at Stripe that prove it. */
  readonly objects: readonly string[];
  /** A person makes it in the dashboard: its Payments line names nothing of ours. */
  readonly guided: boolean;
  readonly effects: readonly { readonly side: Side; readonly amount: bigint }[];
  /** Balances on which its missing line was explained and corrected: a line that comes after all is late. */
  readonly corrected: readonly Side[];
  /** Milliseconds: asked for, and found made or still open. */
  readonly from: number;
  readonly until: number;
}

export interface Booked {
  readonly currency: string;
  readonly amount: bigint;
}

export interface Verdict {
  readonly outcome: 'matched' | 'timing' | 'exception';
  /** Only of an exception. */
  readonly exception: ExceptionClass | null;
  /** Movements it belongs to; several when it is one line for a batch. */
  readonly intentIds: readonly string[];
  /** What the books hold for the line already; null: nothing. */
  readonly booked: Booked | null;
  /** Why a line of timing waits. */
  readonly waits: 'under-way' | 'came-back' | 'parts' | null;
}

/** A line that Stripe should show for a movement and does not. */
export interface MissingLine {
  readonly intentId: string;
  readonly side: Side;
  readonly currency: string;
  readonly amount: bigint;
}

export interface Matching {
  /** In the order of the lines; undefined for one that was decided before. */
  readonly verdicts: readonly (Verdict | undefined)[];
  readonly missing: readonly MissingLine[];
}

export const DAY_MS = 86_400_000;

export const matched = (...intentIds: string[]): Verdict => ({
  outcome: 'matched',
  exception: null,
  intentIds,
  booked: null,
  waits: null,
});
export const timing = (waits: Verdict['waits'], ...intentIds: string[]): Verdict => ({
  outcome: 'timing',
  exception: null,
  intentIds,
  booked: null,
  waits,
});
export const exception = (kind: ExceptionClass, booked: Booked | null = null, ...intentIds: string[]): Verdict => ({
  outcome: 'exception',
  exception: kind,
  intentIds,
  booked,
  waits: null,
});

/** It has moved money, whatever was done about it later. */
export const stands = (state: IntentState): boolean => state === 'posted' || state === 'compensated';

/** Lines by their place in the input, with the verdicts they get. */
export class Sheet {
  readonly verdicts: (Verdict | undefined)[];

  constructor(readonly lines: readonly LineToMatch[]) {
    this.verdicts = new Array<Verdict | undefined>(lines.length).fill(undefined);
  }

  line(place: number): LineToMatch {
    const line = this.lines[place];
    if (line === undefined) throw new Error(`There is no line ${place}`);
    return line;
  }
}
