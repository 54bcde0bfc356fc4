/** What a source is called and asks for at first; apart from the reading, which loads the driver. */
import type { PostgresSource } from '../../../shared/contract/data-source';

const MONTH = `period = current_setting('coffer.period')`;

/** What the queries of a new source say: tables or views named like the files, in a schema of their own. */
export const SUGGESTED_QUERIES: PostgresSource['queries'] = {
  creators: 'SELECT creator_id, display_name, email, stripe_account, hold_reason FROM coffer.creators',
  subscribers: 'SELECT subscriber_id, display_name FROM coffer.subscribers',
  payments: `SELECT payment_id, subscriber_id, period, currency, amount_minor, refunded_minor, status, paid_at
FROM coffer.payments WHERE ${MONTH}`,
  allocations: `SELECT allocation_id, subscriber_id, creator_id, period, currency, amount_minor, status, updated_at
FROM coffer.allocations WHERE ${MONTH}`,
  opening: 'SELECT creator_id, currency, owed_minor FROM coffer.opening',
};

export function sourceName(source: PostgresSource): string {
  return `postgresql://${source.user}@${source.host}:${source.port}/${source.database}`;
}
