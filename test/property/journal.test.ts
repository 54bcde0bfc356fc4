/** Any sequence of answers of Stripe: the ledger balances at every moment, and what may not follow writes nothing. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verifyChain } from '../../electron/journal/audit-chain';
import { canFollow, type IntentState, type NewIntent, occupiesSubject } from '../../electron/journal/intent';
import { markCompensated, markSending, readIntent, recordOutcome, writeIntents } from '../../electron/journal/journal';
import { trialBalance } from '../../electron/ledger/ledger';
import { accounts, type Books, openBooks, order, written } from '../unit/journal/books';
import { always } from './seed';

type Event =
  | { readonly do: 'plan'; readonly subject: number; readonly kind: NewIntent['kind']; readonly amount: bigint }
  | { readonly do: 'move'; readonly which: number; readonly to: IntentState };

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('plan' as const),
      subject: fc.nat(3),
      kind: fc.constantFrom<NewIntent['kind']>('fund', 'pay', 'release', 'canary', 'compensate'),
      amount: fc.bigInt({ min: 1n, max: 10_000n }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      which: fc.nat(20),
      to: fc.constantFrom<IntentState>(
        'planned',
        'sending',
        'sending',
        'unknown',
        'processing',
        'posted',
        'posted',
        'failed',
        'returned',
        'canceled',
        'compensated',
      ),
    }),
  },
);

let objects = 0;

async function apply(books: Books, id: string, to: IntentState): Promise<void> {
  const answer = { requestId: null, code: 'x', message: 'm' };
  const known = (await readIntent(books.store.db, id)).stripe_object;
  if (to === 'sending') await markSending(books.context, id);
  else if (to === 'compensated') await markCompensated(books.context, id);
  else if (to === 'planned') await recordOutcome(books.context, id, { state: 'not-now', ...answer, retryAfterMs: 0 });
  else if (to === 'unknown') await recordOutcome(books.context, id, { state: to, ...answer });
  else if (to === 'processing' || to === 'posted')
    await recordOutcome(books.context, id, { state: to, requestId: null, stripeObject: known ?? `o${++objects}` });
  else if (to === 'returned')
    await recordOutcome(books.context, id, { state: to, ...answer, stripeObject: known ?? `o${++objects}` });
  else await recordOutcome(books.context, id, { state: to, ...answer, stripeObject: known });
}

test.each(['financial-account', 'earmark'] as const)('on the %s rail', (rail) =>
  always(
    fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 40 }), async (events) => {
      const books = await openBooks(rail);
      const ids: string[] = [];
      for (const one of events) {
        if (one.do === 'plan') {
          const [id = ''] = await writeIntents(books.context, [order(one.kind, `s${one.subject}`, one.amount)]);
          if (!ids.includes(id)) ids.push(id);
        } else {
          const id = ids[one.which % Math.max(ids.length, 1)];
          if (id === undefined) continue;
          const from = (await readIntent(books.store.db, id)).state;
          // A subject that was given to a newer intent is not taken back.
          const rival = occupiesSubject(one.to) && !occupiesSubject(from);
          const before = await written(books);
          if (canFollow(from, one.to) && !rival) await apply(books, id, one.to);
          else {
            await apply(books, id, one.to).catch((error: unknown) => expect(String(error)).toMatch(/cannot go from/));
            expect(await written(books)).toBe(before);
          }
        }
        for (const total of (await trialBalance(books.store.db)).values()) expect(total).toBe(0n);
      }

      // What lies where follows from the last state of each intent alone.
      const expected: Record<string, bigint> = {};
      const add = (account: string, amount: bigint) => {
        expected[account] = (expected[account] ?? 0n) + amount;
      };
      for (const id of ids) {
        const intent = await readIntent(books.store.db, id);
        const route =
          {
            fund: ['payments', 'inbound', 'storage'],
            canary: ['payments', 'inbound', 'storage'],
            release: ['storage', 'inbound', 'payments'],
            compensate: ['storage', 'inbound', 'payments'],
            pay: ['storage', 'outbound', 'owed:c1'],
          }[intent.kind] ?? [];
        const [from = '', transit = '', to = ''] = route;
        const guided = rail === 'financial-account' && (intent.kind === 'release' || intent.kind === 'compensate');
        const open = ['planned', 'sending', 'unknown', 'processing'].includes(intent.state);
        if (['posted', 'compensated'].includes(intent.state)) {
          add(from, -intent.amount);
          add(to, intent.amount);
        } else if (open && !guided) {
          add(from, -intent.amount);
          add(transit, intent.amount);
        }
      }
      const nonZero = Object.fromEntries(Object.entries(expected).filter(([, value]) => value !== 0n));
      expect(await accounts(books)).toEqual(nonZero);
      expect((await verifyChain(books.store.db)).ok).toBe(true);
      await books.store.close();
    }),
    40,
  ),
);
