/** What events are for: the objects they name are read again at once, instead of whole lists. Doing it twice changes nothing. */
import type { ServiceContext } from '../context';
import { followObjects } from '../stripe-transfer';

const IDS_PER_QUERY = 500;
const ACCOUNTS = /^account\.updated$|^v2\.core\.account\[/;

/**
 * Looks after every event that was read and not looked after yet, also those of a process that ended between. An object that Stripe
 * could not show is looked at again the next time.
 */
export async function handleEvents(context: ServiceContext): Promise<void> {
  const { db } = context.store;
  const rows = await db
    .selectFrom('stripe_event')
    .select(['event_id', 'type', 'object'])
    .where('handled', '=', 0n)
    .orderBy('created_at')
    .execute();
  if (rows.length === 0) return;
  const objects = new Map<string, Set<string>>();
  for (const { object, type } of rows) {
    if (object !== '') objects.set(object, (objects.get(object) ?? new Set()).add(type));
  }
  const { changed, unread } = await followObjects(context, objects);
  await context.checkpoint('events.followed');
  const handled = rows.filter((row) => !unread.has(row.object)).map((row) => row.event_id);
  await context.store.transaction(async (tx) => {
    for (let start = 0; start < handled.length; start += IDS_PER_QUERY) {
      const some = handled.slice(start, start + IDS_PER_QUERY);
      await tx.updateTable('stripe_event').set({ handled: 1n }).where('event_id', 'in', some).execute();
    }
  });
  if (changed > 0) context.publish('data.changed', { reason: 'movements' });
  if (rows.some((row) => ACCOUNTS.test(row.type))) context.publish('data.changed', { reason: 'accounts' });
}
