/** What a screen waits for: a page of a log of a million events, and a search among 100,000 creators. */
import path from 'node:path';
import { listAudit } from '../../../electron/services/audit';
import { listCreators } from '../../../electron/services/statements';
import { openStore } from '../../../electron/store/store';
import { LARGE, makeLargeStore } from '../../e2e/large-store';
import { compared, figure, inFolder, type Measure, percentile, type Sizes } from '../harness';
import { random } from '../random';

const EVENTS = 1_000_000;
const PAGES = 200;

export const lists: Measure = {
  name: 'lists',
  aims: {
    'page of the audit log, p99': { of: 'value', most: 20 },
    'search among creators, p95': { of: 'value', most: 50 },
  },
  held: false,
  run: ({ scale }: Sizes) =>
    inFolder(async (folder) => {
      const creators = Math.round(LARGE.creators * scale);
      await makeLargeStore(folder, { ...LARGE, creators, payouts: Math.round(LARGE.payouts * scale), days: 30 });
      const store = openStore(path.join(folder, 'sandbox', 'coffer.db'), { check: false });
      const events = Math.round(EVENTS * scale);
      store.exec(`DROP TRIGGER audit_event_follows;
        INSERT INTO audit_event
        WITH RECURSIVE n(i) AS (SELECT 1 + (SELECT coalesce(max(seq), 0) FROM audit_event) UNION ALL SELECT i + 1 FROM n WHERE i < ${events})
        SELECT i, '2026-11-01T00:00:00.000Z', 'Bench', 'intent.posted', 'subject-' || i, '{"attempt":1}', '', 'prev-' || i, '' FROM n`);
      const next = random(5);
      const pages = await times(PAGES, () =>
        listAudit(store.db, { offset: Math.floor(next() * (events - 100)), limit: 100 }),
      );
      const bare = await times(PAGES, () => [
        ...store.iterate('SELECT * FROM audit_event WHERE seq > ? ORDER BY seq LIMIT 100', Math.floor(next() * events)),
      ]);
      await listCreators(store, { offset: 0, limit: 50, onlyHeld: false });
      await new Promise((resolve) => setTimeout(resolve, 500));
      const words = ['adler', 'kapoor 17', 'c0005', 'zyx', 'imani', 'example', 'novák 9', 'ros'];
      const searches = await times(PAGES, (index) =>
        listCreators(store, {
          offset: 0,
          limit: 50,
          onlyHeld: false,
          search: `${words[index % words.length]}${index % 7 === 0 ? index : ''}`,
        }),
      );
      await store.close();
      return [
        compared(
          'page of the audit log, median',
          percentile(pages, 0.5),
          'ms',
          'bare prepared statement',
          percentile(bare, 0.5),
        ),
        figure('page of the audit log, p99', percentile(pages, 0.99), 'ms'),
        figure('search among creators, p95', percentile(searches, 0.95), 'ms'),
        figure('search among creators, median', percentile(searches, 0.5), 'ms'),
      ];
    }),
};

async function times(count: number, work: (index: number) => unknown): Promise<number[]> {
  const taken: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const started = performance.now();
    await work(index);
    taken.push(performance.now() - started);
  }
  return taken;
}
