/** Stands in while Stripe is not connected: it says what the rail can do, and everything that needs Stripe says why it cannot. */
import { type StripeProblem, StripeUnavailable } from '../stripe/problem';
import type { OwnMovement, RailCapabilities, SegregationRail, StripeEvent, StripeLine } from './segregation-rail';

export const NOT_CONFIGURED: StripeProblem = {
  kind: 'auth',
  code: 'not-configured',
  message: 'No Stripe key is stored for this mode.',
  hint: 'Add a restricted key under Settings.',
  requestId: null,
  retryAfterMs: null,
};

/** Between the opening of the books and the first answer of Stripe. */
export const CONNECTING: StripeProblem = {
  kind: 'unavailable',
  code: 'connecting',
  message: 'Coffer is connecting to Stripe.',
  hint: 'Wait a moment and try again.',
  requestId: null,
  retryAfterMs: null,
};

export class NoConnectionRail implements SegregationRail {
  readonly capabilities: RailCapabilities;
  readonly #problem: StripeProblem;

  constructor(capabilities: RailCapabilities, problem: StripeProblem) {
    this.capabilities = capabilities;
    this.#problem = problem;
  }

  #refuse(): never {
    throw new StripeUnavailable(this.#problem);
  }

  prepare(): never {
    return this.#refuse();
  }

  async send(): Promise<never> {
    return this.#refuse();
  }

  async lookup(): Promise<never> {
    return this.#refuse();
  }

  async refresh(): Promise<never> {
    return this.#refuse();
  }

  async detectGuided(): Promise<never> {
    return this.#refuse();
  }

  async storageAccounts(): Promise<never> {
    return this.#refuse();
  }

  async balances(): Promise<never> {
    return this.#refuse();
  }

  async refusals(): Promise<never> {
    return this.#refuse();
  }

  async findings(): Promise<never> {
    return this.#refuse();
  }

  async hazards(): Promise<never> {
    return this.#refuse();
  }

  async permissions(): Promise<never> {
    return this.#refuse();
  }

  async account(): Promise<never> {
    return this.#refuse();
  }

  // biome-ignore lint/correctness/useYield: there is nothing to yield without a connection
  async *ownMovements(): AsyncIterable<OwnMovement> {
    this.#refuse();
  }

  // biome-ignore lint/correctness/useYield: there is nothing to yield without a connection
  async *lines(): AsyncIterable<StripeLine> {
    this.#refuse();
  }

  // biome-ignore lint/correctness/useYield: there is nothing to yield without a connection
  async *events(): AsyncIterable<StripeEvent> {
    this.#refuse();
  }

  async cancel(): Promise<never> {
    return this.#refuse();
  }
}
