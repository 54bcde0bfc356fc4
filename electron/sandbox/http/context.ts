import type { Work } from '../operations/work';
import type { Params } from './params';

/** One API request on its way through a route. */
export interface RequestContext {
  readonly work: Work;
  readonly params: Params;
  /** Path parameters in order. */
  readonly path: readonly string[];
  /** `/v1/payouts`, without the query. */
  readonly pathname: string;
  /** The query as it came, for `next_page_url`. */
  readonly query: string;
  /** Connected account named by `Stripe-Account` or `Stripe-Context`; `undefined` for the platform itself. */
  readonly account: string | undefined;
}

/** Answers with the JSON body of a 200, or throws an `ApiError`. Runs inside one unit of work. */
export type Handler = (context: RequestContext) => unknown;

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path with `:name` for parameters. */
  readonly path: string;
  /** What a restricted key must be allowed, as Stripe names it. */
  readonly permission: string;
  /** Whether the route can act for a connected account. */
  readonly forAccounts?: true;
  readonly handle: Handler;
}
