/** The sign-off of a month is bound to its figures: it lapses when they are no longer the ones that were signed. */
import { z } from 'zod';
import { canonicalJson } from '../../shared/domain/canonical-json';
import { eventsOf, sha256 } from '../journal/audit-chain';
import type { Queries } from '../store/store';
import { summaryOf } from './exports/summary';

const closed = z.object({ version: z.number(), figuresHash: z.string() });

/** What a sign-off is bound to: the hash of the month's summary as it is exported. */
export async function figuresHash(db: Queries, period: string): Promise<string> {
  return sha256(canonicalJson(await summaryOf(db, period)));
}

/** Closed months whose figures are not those that were signed, by the events of the signed log. */
export async function lapsedSignOffs(db: Queries): Promise<string[]> {
  const runs = await db
    .selectFrom('month_end_run')
    .select(['period', 'version'])
    .where('current', '=', 1n)
    .where('state', '=', 'closed')
    .orderBy('period')
    .execute();
  const events = await eventsOf(db, 'month-end.closed').select(['subject', 'payload']).execute();
  const lapsed: string[] = [];
  for (const { period, version } of runs) {
    const signed = events
      .filter((event) => event.subject === period)
      .map((event) => closed.safeParse(JSON.parse(event.payload)).data)
      .find((payload) => payload?.version === Number(version));
    if (signed?.figuresHash !== (await figuresHash(db, period))) lapsed.push(period);
  }
  return lapsed;
}
