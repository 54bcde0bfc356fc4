import { z } from 'zod';

/** One request channel: what the renderer may send and what it gets back. Both ends parse with these schemas. */
export interface Channel<Args extends z.ZodType, Reply extends z.ZodType> {
  readonly args: Args;
  readonly reply: Reply;
}

export function channel<Args extends z.ZodType, Reply extends z.ZodType>(
  args: Args,
  reply: Reply,
): Channel<Args, Reply> {
  return { args, reply };
}

/** No arguments. */
export const nothing = z.undefined();
/** No content in the reply. */
export const done = z.null();

/** A decimal string of whole minor units; amounts never cross IPC as numbers. */
export const minor = z.string().regex(/^-?\d{1,19}$/);
export const currencyCode = z.string().regex(/^[a-z]{3}$/);
/** A calendar month, `YYYY-MM`. */
export const periodText = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/);
/** ISO 8601 in UTC. */
export const instant = z.string().min(20).max(30);
export const id = z.string().min(1).max(200);

export const amountIn = z.strictObject({ currency: currencyCode, amount: minor });
export type AmountIn = z.infer<typeof amountIn>;

/** A page of a list. `limit` is bounded so that no reply is unbounded. */
export const pageRequest = z.strictObject({
  offset: z.int().min(0),
  limit: z.int().min(1).max(500),
  search: z.string().max(200).optional(),
  sort: z.string().max(60).optional(),
  descending: z.boolean().optional(),
});
export type PageRequest = z.infer<typeof pageRequest>;

export function pageOf<Row extends z.ZodType>(row: Row) {
  return z.strictObject({ total: z.int().min(0), rows: z.array(row).max(500) });
}

/** What went wrong, in the person's words, and what to do next. */
export const failure = z.strictObject({ code: z.string(), message: z.string(), hint: z.string() });
export type FailureView = z.infer<typeof failure>;

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: FailureView };

export const checkView = z.strictObject({
  code: z.string(),
  title: z.string(),
  outcome: z.enum(['pass', 'warning', 'blocker', 'information']),
  detail: z.string(),
  /** What to do; empty when there is nothing to do. */
  action: z.string(),
});
export type CheckView = z.infer<typeof checkView>;
