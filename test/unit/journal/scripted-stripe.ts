/**
 * Books whose Stripe answers what a test says, and a witness: a second connection to the same file, which sees what is committed
 * and nothing else. Requests are prepared by the real rail. What a test has no answer for must not be asked.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { readIntent } from '../../../electron/journal/journal';
import type {
  LookupOutcome,
  MovementOutcome,
  RailName,
  SegregationRail,
  StoredMovement,
} from '../../../electron/rails/segregation-rail';
import { openStore, type Store } from '../../../electron/store/store';
import { TEMPORARY } from '../../temporary';
import { accounts, type Books, openBooks } from './books';

export interface Answers {
  /** The answer to the n-th call, from 1. */
  readonly send?: (movement: StoredMovement, nth: number) => Promise<MovementOutcome> | MovementOutcome;
  readonly lookup?: (movement: StoredMovement) => Promise<LookupOutcome> | LookupOutcome;
  readonly refresh?: (movements: readonly StoredMovement[]) => ReadonlyMap<string, MovementOutcome>;
}

export interface Scripted extends Books {
  answers: Answers;
  /** Every movement that was sent, in order. */
  readonly sent: StoredMovement[];
  readonly witness: Store;
  clock: Date;
  atCheckpoint: (label: string) => Promise<void>;
  /** The state on disk. */
  onDisk(intentId: string): Promise<string>;
  /** The balances on disk. */
  accountsOnDisk(): Promise<Record<string, bigint>>;
}

export async function openScripted(answers: Answers = {}, railName: RailName = 'financial-account'): Promise<Scripted> {
  const folder = mkdtempSync(join(TEMPORARY, 'coffer-journal-'));
  const path = join(folder, 'books.db');
  const { store, context } = await openBooks(railName, path);
  const witness = openStore(path);
  onTestFinished(async () => {
    await witness.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const real = context.rail;
  const sent: StoredMovement[] = [];
  const rail: SegregationRail = {
    capabilities: real.capabilities,
    prepare: (order) => real.prepare(order),
    send: async (movement) => {
      sent.push(movement);
      return (scripted.answers.send ?? notExpected('a call'))(movement, sent.length);
    },
    events: notExpected('a list of events'),
    lookup: async (movement) => (scripted.answers.lookup ?? notExpected('a look-up'))(movement),
    refresh: async (movements) => (scripted.answers.refresh ?? notExpected('a list'))(movements),
    detectGuided: notExpected('a guided movement'),
    storageAccounts: notExpected('storage accounts'),
    balances: notExpected('balances'),
    refusals: notExpected('refusals'),
    findings: notExpected('findings'),
    hazards: notExpected('hazards'),
    permissions: notExpected('permissions'),
    lines: notExpected('lines'),
    ownMovements: notExpected('a comparison'),
    account: async () => null,
    cancel: notExpected('a cancellation'),
  };
  const scripted: Scripted = {
    store,
    witness,
    answers,
    sent,
    clock: new Date('2026-11-02T09:00:00.000Z'),
    atCheckpoint: async () => {},
    context: {
      ...context,
      rail,
      now: () => scripted.clock,
      checkpoint: (label) => scripted.atCheckpoint(label),
    },
    onDisk: async (intentId) => (await readIntent(witness.db, intentId)).state,
    accountsOnDisk: () => accounts({ store: witness, context }),
  };
  return scripted;
}

function notExpected(what: string): () => never {
  return () => {
    throw new Error(`Stripe was asked for ${what}`);
  };
}
