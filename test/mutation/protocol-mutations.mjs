// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these strings are pieces of source text.
/**
 * Each entry breaks one rule of docs/moving-money.md in the way that a careless edit would: lines changed over, an await lost, a
 * condition left out. `edits` replace exact text, which must be there once; so an entry goes stale loudly.
 *
 * @typedef {{ name: string, file: string, edits: readonly (readonly [from: string, to: string])[] }} ProtocolMutation
 */

const movement = 'electron/journal/movement.ts';
const journal = 'electron/journal/journal.ts';
const groupCommit = 'electron/journal/group-commit.ts';
const intent = 'electron/journal/intent.ts';

/** @type {readonly ProtocolMutation[]} */
export const protocolMutations = [
  // Written before any socket opens.
  {
    name: 'Stripe is called while the intent is being written, before its commit',
    file: journal,
    edits: [
      [
        '  return intentId;\n}',
        '  await context.rail.send(storedMovement(await readIntent(tx, intentId), null));\n  return intentId;\n}',
      ],
      ['  occupiesSubject,\n  STATES,\n} from', '  occupiesSubject,\n  STATES,\n  storedMovement,\n} from'],
    ],
  },
  {
    name: '"intents written" is said before the commit',
    file: journal,
    edits: [
      ["    await context.checkpoint('journal.intents-written');\n", ''],
      ['  return written;\n}', "  await context.checkpoint('journal.intents-written');\n  return written;\n}"],
    ],
  },
  {
    name: 'each intent commits alone, not with those planned beside it',
    file: journal,
    edits: [
      [
        '(await context.store.transaction((tx) =>\n        writeSome(context, tx, intents.slice(ids.length, ids.length + MOST_PER_TRANSACTION)),\n      )),',
        '(await writeSome(context, context.store.db, intents.slice(ids.length, ids.length + MOST_PER_TRANSACTION))),',
      ],
      [
        'written.push(await writeIntent(context, tx, intent));',
        'written.push(await context.store.transaction((own) => writeIntent(context, own, intent)));',
      ],
    ],
  },
  {
    name: 'an occupied subject gets a second intent',
    file: journal,
    edits: [['  if (occupied !== undefined) return occupied.intent_id;\n', '']],
  },
  {
    name: 'the pending entries are left out',
    file: journal,
    edits: [
      ['  if (hasPendingEntries(context, intent.kind)) {', '  if (hasPendingEntries(context, intent.kind) && false) {'],
    ],
  },

  // Marked before the call.
  {
    name: 'Stripe is called before "sending" is on disk (the two lines changed over)',
    file: movement,
    edits: [
      [
        '    const { intent, before } = await markSending(context, intentId);\n',
        '    const intent = await readIntent(context.store.db, intentId);\n    const outcome = await context.rail.send(storedMovement(intent, intent.stripe_object));\n    const { before } = await markSending(context, intentId);\n',
      ],
      [
        "    await context.checkpoint('movement.sending-written');\n    const outcome = await context.rail.send(storedMovement(intent, intent.stripe_object));\n",
        "    await context.checkpoint('movement.sending-written');\n",
      ],
    ],
  },
  {
    name: 'the await on "sending" is lost',
    file: movement,
    edits: [
      [
        '    const { intent, before } = await markSending(context, intentId);',
        '    const intent = await readIntent(context.store.db, intentId);\n    const before = intent.state;\n    void markSending(context, intentId);',
      ],
    ],
  },
  {
    name: 'the attempt is not counted',
    file: journal,
    edits: [['const attempts = intent.attempts + 1;', 'const attempts = intent.attempts;']],
  },

  // Recorded before anybody goes on.
  {
    name: 'the await on the outcome is lost',
    file: movement,
    edits: [
      [
        '    const state = await recordOutcome(context, intentId, told);',
        "    void recordOutcome(context, intentId, told);\n    const state: IntentState = told.state === 'not-now' ? 'planned' : told.state;",
      ],
    ],
  },
  {
    name: 'the outcome commits first and its entries follow in a commit of their own',
    file: journal,
    edits: [
      [
        '  if (postings.length > 0) {\n    await post(tx, {',
        '  if (postings.length > 0) {\n    const period = await bookPeriod(tx, intent.period);\n    void context.store.transaction((own) => post(own, {',
      ],
      ['      period: await bookPeriod(tx, intent.period),', '      period,'],
      ['      postings,\n    });\n  }', '      postings,\n    })).catch(() => {});\n  }'],
    ],
  },
  {
    name: 'a change of state has no audit event',
    file: journal,
    edits: [
      [
        '  await appendAudit(tx, {\n    at,\n    actor: context.actor(),\n    action: `intent.${change.state}`,',
        '  if (Date.now() < 0) await appendAudit(tx, {\n    at,\n    actor: context.actor(),\n    action: `intent.${change.state}`,',
      ],
    ],
  },
  {
    name: 'the same answer is written twice',
    file: journal,
    edits: [["  if (intent.state === change.state && change.state !== 'sending') return;\n", '']],
  },
  {
    name: 'any state may follow any other',
    file: journal,
    edits: [
      ['  if (!canFollow(intent.state, change.state)) {', '  if (!canFollow(intent.state, change.state) && false) {'],
    ],
  },
  {
    name: 'a payout that comes back after its month was closed is posted to the closed month',
    file: journal,
    edits: [
      ["  if (run !== undefined && run.state !== 'closed') return period;", '  if (run !== undefined) return period;'],
    ],
  },
  {
    name: 'a release by hand that was never seen is voided all the same',
    file: journal,
    edits: [
      [
        '      return pending ? voidPostings(movement) : [];\n    default',
        '      return voidPostings(movement);\n    default',
      ],
    ],
  },

  // Group commit.
  {
    name: 'a change is told of before the commit that it shares',
    file: groupCommit,
    edits: [
      [
        '          results.push(await one.work(tx));\n',
        '          const value = await one.work(tx);\n          one.settle({ value });\n          results.push(value);\n',
      ],
    ],
  },
  {
    name: 'the await on the commit is lost',
    file: groupCommit,
    edits: [
      [
        '      const values = await this.#store.transaction(async (tx) => {\n        const until = performance.now() + LONGEST_MS;\n        const results: unknown[] = [];\n',
        '      const results: unknown[] = [];\n      void this.#store.transaction(async (tx) => {\n        const until = performance.now() + LONGEST_MS;\n',
      ],
      [
        '      taken = values.length;\n      values.forEach((value, index) => {\n        group[index]?.settle({ value });\n      });\n',
        '      group.forEach((one, index) => {\n        one.settle({ value: results[index] });\n      });\n',
      ],
    ],
  },
  {
    name: 'one change that is refused takes those beside it down',
    file: groupCommit,
    edits: [
      [
        '      for (const one of group) await this.#commit([one]);',
        '      for (const one of group) one.settle({ error });',
      ],
    ],
  },
  {
    name: 'a commit that failed is reported as done',
    file: groupCommit,
    edits: [['        only.settle({ error });', '        only.settle({ value: undefined });']],
  },

  // Unknown is not failed.
  {
    name: 'what was being sent when the program ended is taken for failed',
    file: movement,
    edits: [
      [
        "      state: 'unknown',\n      requestId: null,\n      code: 'interrupted',",
        "      state: 'failed',\n      stripeObject: null,\n      requestId: null,\n      code: 'interrupted',",
      ],
    ],
  },
  {
    name: 'what was being sent when the program ended is planned again',
    file: movement,
    edits: [
      [
        "      state: 'unknown',\n      requestId: null,\n      code: 'interrupted',",
        "      state: 'not-now',\n      retryAfterMs: 0,\n      requestId: null,\n      code: 'interrupted',",
      ],
    ],
  },
  {
    name: 'a rejected key after an unknown attempt is taken for failed',
    file: movement,
    edits: [['afterUnknown ? keepUnknown(outcome) : outcome', 'outcome']],
  },
  {
    name: '"later" after an unknown attempt is tried on and on',
    file: movement,
    edits: [["outcome.state !== 'not-now' || afterUnknown || tries", "outcome.state !== 'not-now' || tries"]],
  },
  {
    name: 'an unknown movement frees its subject for another',
    file: intent,
    edits: [
      [
        "  return state !== 'failed' && state !== 'returned'",
        "  return state !== 'unknown' && state !== 'failed' && state !== 'returned'",
      ],
    ],
  },
  {
    name: 'an unknown payout is taken back into Storage',
    file: journal,
    edits: [
      [
        "    case 'failed':\n    case 'canceled':\n      return pending",
        "    case 'unknown':\n    case 'failed':\n    case 'canceled':\n      return pending",
      ],
    ],
  },
  {
    name: 'what failed may be sent once more',
    file: intent,
    edits: [['  failed: [],', "  failed: ['sending'],"]],
  },

  // Looked up first, and sent again only with its own key while Stripe keeps it.
  {
    name: 'the look-up is left out: no trace is taken for granted',
    file: movement,
    edits: [
      ['  const found = await context.rail.lookup(movement);', "  const found = { state: 'absent' } as LookupOutcome;"],
      [
        'import type { MovementOutcome, StoredMovement } from',
        'import type { LookupOutcome, MovementOutcome, StoredMovement } from',
      ],
    ],
  },
  {
    name: 'a look-up that was not answered is taken for no trace',
    file: movement,
    edits: [
      [
        "  if (found.state !== 'absent') {\n",
        "  if (found.state !== 'absent' && found.state !== 'unknown' && found.state !== 'not-now') {\n",
      ],
      [
        "    if (found.state === 'guided' || found.state === 'not-now' || found.state === 'unknown') return 'unknown';",
        "    if (found.state === 'guided') return 'unknown';",
      ],
    ],
  },
  {
    name: 'it is sent again first and looked up afterwards (the two changed over)',
    file: movement,
    edits: [
      [
        "  const found = await context.rail.lookup(movement);\n  await context.checkpoint('movement.looked-up');\n",
        "  if (mayResend(intent)) await sendIntent(context, intentId, async () => {});\n  const found = await context.rail.lookup(movement);\n  await context.checkpoint('movement.looked-up');\n",
      ],
    ],
  },
  {
    name: 'a second attempt has a new key',
    file: intent,
    edits: [
      [
        '    idempotencyKey: row.idempotency_key,',
        "    idempotencyKey: 'attempts' in row && Number(row.attempts) > 1 ? `${row.idempotency_key}-${row.attempts}` : row.idempotency_key,",
      ],
    ],
  },
  {
    name: 'it is sent again however old its key is (the 23 hours are left out)',
    file: movement,
    edits: [
      [
        'if (context.now().getTime() - movement.createdAt.getTime() < SAME_KEY_IS_SAFE_MS) {',
        'if (context.now() >= movement.createdAt) {',
      ],
    ],
  },
  {
    name: 'it is sent again until Stripe has forgotten its key (25 hours)',
    file: movement,
    edits: [['23 * 3_600_000', '25 * 3_600_000']],
  },
  {
    name: 'it is settled as not executed while its first attempt may still arrive',
    file: movement,
    edits: [
      [
        "? sendIntent(context, intentId, async () => {}) : 'unknown';",
        '? sendIntent(context, intentId, async () => {}) : recordOutcome(context, intentId, notExecuted(intent));',
      ],
    ],
  },
  {
    name: 'looking up sends it again without being allowed to',
    file: movement,
    edits: [['    return mayResend(intent) ? ', '    return mayResend(intent) || true ? ']],
  },

  // Many at once, and late news.
  {
    name: 'it goes on sending although Stripe does not answer',
    file: movement,
    edits: [
      [
        'if (control.shouldStop() || unknownInARow >= GIVE_UP_AFTER_UNKNOWN) break;',
        'if (control.shouldStop()) break;',
      ],
      ['const GIVE_UP_AFTER_UNKNOWN = 5;\n', ''],
    ],
  },
  {
    name: 'a stop is asked for after the movement, not before',
    file: movement,
    edits: [
      ['      if (control.shouldStop() || unknownInARow >= GIVE_UP_AFTER_UNKNOWN) break;\n', ''],
      [
        '        written.then(next, fail);\n      });\n',
        '        written.then(next, fail);\n      });\n      if (control.shouldStop() || unknownInARow > GIVE_UP_AFTER_UNKNOWN) break;\n',
      ],
    ],
  },
  {
    name: 'an old list is written over newer news',
    file: movement,
    edits: [
      ['  const present = await readIntent(context.store.db, intent.intent_id);\n', '  const present = intent;\n'],
    ],
  },
];
