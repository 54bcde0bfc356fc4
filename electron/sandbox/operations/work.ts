import type { Fate } from '../state/records';
import type { SandboxState } from '../state/state';

/** What an operation needs to know beside its own arguments. Operations run inside `state.transact`. */
export interface Work {
  readonly state: SandboxState;
  /** Sandbox time in milliseconds. */
  readonly now: number;
  /** How long a payout or outbound payment takes to settle, in milliseconds. */
  readonly settlementDelay: number;
  /** The request that caused it, for events; `null` for what happens by itself or in the dashboard. */
  readonly request: { readonly id: string; readonly idempotencyKey: string | null } | null;
  /** What a fault has in store for a payout made by this work. */
  readonly fate: Fate;
}
