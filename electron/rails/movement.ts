/** What both rails do with one movement: check it before it is sent, check the reply, find it again. */
import { z } from 'zod';
import type { Reply, StripeClient } from '../stripe/client';
import { StripeUnavailable } from '../stripe/problem';
import { outcomeOf, unknownOutcome } from './outcome';
import { createdBetween, windowStart } from './reading';
import type { CanonicalRequest, LookupOutcome, MovementOutcome, StoredMovement } from './segregation-rail';

const carriesIntent = z.looseObject({ metadata: z.looseObject({ coffer_intent: z.string() }) });

/** The stored request, if it is one that may be sent. Throws otherwise: that is a bug, and no socket was opened. */
export function sendable(movement: StoredMovement): CanonicalRequest {
  const { order, request, idempotencyKey } = movement;
  const parsed = carriesIntent.safeParse(request.params);
  if (!parsed.success || parsed.data.metadata.coffer_intent !== order.intentId) {
    throw new Error('The stored request does not belong to the movement');
  }
  if (idempotencyKey === '') throw new Error('The movement has no idempotency key');
  if (!request.path.startsWith(`/${request.api}/`))
    throw new Error(`The stored request has the path "${request.path}"`);
  return request;
}

/** What a created object says of itself, to be held against the order. */
interface Created {
  readonly id: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly recipient: string | null;
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
  readonly outcome: MovementOutcome;
}

/**
 * The outcome of a successful reply, once it is sure that it speaks of this movement. A reply that does not fit leaves
 * the outcome unknown: something was created.
 */
export function confirmed<T>(
  movement: StoredMovement,
  schema: z.ZodType<T>,
  reply: Extract<Reply, { ok: true }>,
  view: (row: T) => Created,
): MovementOutcome {
  const parsed = schema.safeParse(reply.body);
  if (!parsed.success) {
    return unknownOutcome(
      'unreadable-reply',
      'Stripe accepted the request, but its reply could not be understood. Coffer looks the movement up.',
      reply.requestId,
    );
  }
  const created = view(parsed.data);
  const { order } = movement;
  const fits =
    created.amount === order.amount &&
    created.currency === order.currency &&
    created.recipient === (order.kind === 'pay' ? order.stripeAccount : null) &&
    created.metadata?.coffer_intent === order.intentId;
  if (!fits) {
    return unknownOutcome(
      'reply-mismatch',
      `Stripe answered with ${created.id}, which is not what was asked for. A person has to look at it.`,
      reply.requestId,
    );
  }
  return 'requestId' in created.outcome ? { ...created.outcome, requestId: reply.requestId } : created.outcome;
}

type WithMetadata = { readonly id: string; readonly metadata?: Readonly<Record<string, string>> | null | undefined };

/**
 * Reads a whole window for the object of a movement. Two objects for one intent would be a double payment: that is
 * reported as unknown, for a person.
 */
export async function soleMatch<T extends WithMetadata>(
  movement: StoredMovement,
  list: AsyncIterable<T>,
): Promise<{ readonly found: T } | LookupOutcome> {
  let found: T | undefined;
  for await (const row of list) {
    if (row.metadata?.coffer_intent !== movement.order.intentId) continue;
    if (found !== undefined && found.id !== row.id) {
      return unknownOutcome(
        'several-objects',
        `Stripe has more than one object for this movement: ${found.id} and ${row.id}. A person has to look at them.`,
      );
    }
    found = row;
  }
  return found === undefined ? { state: 'absent' } : { found };
}

/** Up to this many movements are read one by one; more are read from the list. */
const FEW = 5;

/** The objects of movements as they are now; movements without an object yet are found by their metadata. */
export async function presentObjects<T extends WithMetadata>(
  client: StripeClient,
  movements: readonly StoredMovement[],
  path: string,
  schema: z.ZodType<T>,
): Promise<[StoredMovement, T][]> {
  if (movements.length === 0) return [];
  const allKnown = movements.every((movement) => movement.stripeObject !== null);
  if (allKnown && movements.length <= FEW) {
    const rows = await mapBounded(movements, FEW, (movement) => readOne(client, movement, path, schema));
    return rows.flat();
  }
  const wanted = new Map(movements.map((movement) => [movement.stripeObject ?? movement.order.intentId, movement]));
  const oldest = new Date(Math.min(...movements.map((movement) => movement.createdAt.getTime())));
  const found: [StoredMovement, T][] = [];
  for await (const row of client.list(path, { created: createdBetween(windowStart(client, oldest)) }, schema)) {
    const key = wanted.has(row.id) ? row.id : (row.metadata?.coffer_intent ?? '');
    const movement = wanted.get(key);
    if (movement === undefined) continue;
    found.push([movement, row]);
    wanted.delete(key);
    if (wanted.size === 0) break;
  }
  return found;
}

/** Empty when Stripe does not know the object: no news, which a look-up then reports to a person. */
async function readOne<T>(
  client: StripeClient,
  movement: StoredMovement,
  path: string,
  schema: z.ZodType<T>,
): Promise<[StoredMovement, T][]> {
  try {
    return [[movement, await client.read(`${path}/${encodeURIComponent(movement.stripeObject ?? '')}`, {}, schema)]];
  } catch (error) {
    if (error instanceof StripeUnavailable && error.problem.kind === 'not-found') return [];
    throw error;
  }
}

/** Runs a look-up; a read that fails leaves the outcome unknown, it never says "absent". */
export async function answered<T extends LookupOutcome>(look: () => Promise<T>): Promise<T | MovementOutcome> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof StripeUnavailable)) throw error;
    const { problem } = error;
    if (problem.kind !== 'not-found') return { ...asUnknown(outcomeOf(problem)), requestId: problem.requestId };
    return unknownOutcome(
      'object-missing',
      'Stripe does not know the object of this movement any more. A person has to look at it.',
    );
  }
}

function asUnknown(outcome: MovementOutcome): Extract<MovementOutcome, { state: 'unknown' }> {
  const { code, message } = 'code' in outcome ? outcome : { code: outcome.state, message: '' };
  return { state: 'unknown', requestId: null, code, message };
}

/** Adds news as far as Stripe can be read; no news is no entry. */
export async function gather(read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof StripeUnavailable)) throw error;
  }
}

/** Like `Promise.all` over `items.map(work)`, with at most `atOnce` under way. Stops at the first failure. */
export async function mapBounded<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  const queue = items.entries();
  async function worker(): Promise<void> {
    for (const [index, item] of queue) results[index] = await work(item);
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
