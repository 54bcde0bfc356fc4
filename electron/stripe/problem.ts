/** Why Stripe did not do or say what it was asked, in the words of a finance person. */

export type ProblemKind =
  /** Stripe understood and declined. This attempt moved nothing. */
  | 'refused'
  /** Stripe asked to come back later, before doing anything. */
  | 'not-now'
  /** A POST whose effect nobody knows. */
  | 'unknown'
  /** A read that could not be answered; nothing can have happened. */
  | 'unavailable'
  /** The key is not accepted. */
  | 'auth'
  /** The key lacks a permission. */
  | 'permission'
  | 'not-found'
  /** Stripe answered for the other mode than the key's. */
  | 'wrong-mode';

export interface StripeProblem {
  readonly kind: ProblemKind;
  /** Stripe's own code where there is one, else one of ours (`connection`, `timeout`, `server-error`…). */
  readonly code: string;
  /** What happened. */
  readonly message: string;
  /** What to do next. */
  readonly hint: string;
  readonly requestId: string | null;
  /** How long Stripe asked us to wait; null when it did not say. */
  readonly retryAfterMs: number | null;
}

/** Thrown by reads when Stripe cannot be read. */
export class StripeUnavailable extends Error {
  override readonly name = 'StripeUnavailable';

  constructor(readonly problem: StripeProblem) {
    super(problem.message);
  }
}
