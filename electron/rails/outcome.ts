import type { StripeProblem } from '../stripe/problem';
import type { MovementOutcome } from './segregation-rail';

/** What a failed attempt means for the movement. */
export function outcomeOf(problem: StripeProblem): MovementOutcome {
  const { code, requestId } = problem;
  const message = `${problem.message} ${problem.hint}`;
  switch (problem.kind) {
    case 'refused':
      // The key was used before, for something else: that request may have moved money, so this is never "failed".
      if (code === 'idempotency_error') return { state: 'unknown', requestId, code, message };
      return { state: 'failed', stripeObject: null, requestId, code, message };
    case 'not-found':
    case 'auth':
    case 'permission':
      return { state: 'failed', stripeObject: null, requestId, code, message };
    case 'not-now':
      return { state: 'not-now', requestId, code, message, retryAfterMs: problem.retryAfterMs ?? 1_000 };
    case 'unknown':
    case 'unavailable':
    case 'wrong-mode':
      return { state: 'unknown', requestId, code, message };
  }
}

/**
 * Codes of answers that Stripe gives before it looks at the idempotency key. After an earlier attempt of the same
 * movement became unknown they say nothing about that attempt: the movement stays unknown.
 */
export const SAYS_NOTHING_OF_EARLIER_ATTEMPTS: ReadonlySet<string> = new Set([
  'key-rejected',
  'permission-missing',
  'rate_limit',
  'lock_timeout',
  'wrong-mode',
]);

export function unknownOutcome(code: string, message: string, requestId: string | null = null): MovementOutcome {
  return { state: 'unknown', requestId, code, message };
}
