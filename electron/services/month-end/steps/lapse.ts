/** 4. Use it or lose it: unallocated money becomes revenue; what Storage holds beyond what is owed goes back. */

import { isOpen } from '../../../journal/intent';
import { listIntents } from '../../../journal/journal';
import type { Store } from '../../../store/store';
import { conservationBlockers } from '../../conservation';
import type { ServiceContext } from '../../context';
import { type LapseSummary, lapseSummary } from '../../lapsed';
import { readFigures, recordFigures } from '../../period-figures';
import { postLapses, storageNeeds } from '../../use-it-or-lose-it';
import { amountFact, type Blocker, type StepOutcome, setState, textFact } from '../run';
import { migrationBlockers } from './migration-check';
import { finishInterrupted, postedBy, release } from './movements';
import { NOTHING, type StepWork } from './step';

const SURPLUS: Blocker = {
  code: 'surplus-needs-person',
  message: 'Storage holds more than is owed, and returning it moves money.',
  action: 'Run Use it or lose it on the Month end screen.',
};

/** What is about to lapse, as the calculation found it. Reads no network. */
export async function lapsesAhead(store: Store, period: string): Promise<StepOutcome['facts'][number][]> {
  return (await lapseSummary(store, period)).flatMap((one) => lapseFacts(one, 'To lapse to revenue'));
}

function lapseFacts(one: LapseSummary, label: string): StepOutcome['facts'][number][] {
  return [
    amountFact(label, one.currency, one.unallocated),
    textFact(`Subscribers with unallocated funds (${one.currency.toUpperCase()})`, String(one.subscribers)),
    textFact(`Subscribers with half or more unused (${one.currency.toUpperCase()})`, String(one.halfUnused)),
  ];
}

export const lapse: StepWork = async (context, run, control) => {
  const { store } = context;
  const surplusRun = `surplus:${run.period}`;
  const migrating = await migrationBlockers(store.db);
  if (migrating.length > 0) return { ...NOTHING, blockers: migrating };
  if (control.moveNothing) {
    const blocker = await needsPerson(context, run.period, surplusRun);
    if (blocker !== null) return { ...NOTHING, blockers: [blocker] };
  } else await finishInterrupted(context, control, surplusRun);
  const before = await conservationBlockers(context);
  if (before.length > 0) return { ...NOTHING, blockers: before };
  const needs = await storageNeeds(context, run.period);
  const releases = needs.filter((need) => need.surplus > 0n);
  if (control.moveNothing && releases.length > 0) return { ...NOTHING, blockers: [SURPLUS] };
  const waiting = await release(
    context,
    run,
    control,
    surplusRun,
    releases.map(({ currency, surplus }) => ({ currency, amount: surplus })),
    'Surplus of Storage',
  );
  if (waiting.length > 0) return { ...NOTHING, blockers: waiting };
  const after = releases.length > 0 ? await conservationBlockers(context) : [];
  if (after.length > 0) return { ...NOTHING, blockers: after };
  await context.checkpoint('lapse.before-posting');
  const released = await postedBy(context, surplusRun);
  const lapses = await lapseSummary(store, run.period);
  const outcome: StepOutcome = {
    ...NOTHING,
    facts: [
      ...lapses.flatMap((one) => lapseFacts(one, 'Lapsed to revenue')),
      ...[...released].map(([code, amount]) => amountFact('Surplus returned to Payments', code, amount)),
    ],
  };
  await store.transaction(async (tx) => {
    await postLapses(context, tx, run.period);
    for (const currency of (await readFigures(tx, run.period)).keys()) {
      await recordFigures(tx, run.period, currency, { surplus_release: released.get(currency) ?? 0n });
    }
    await setState(context, tx, run, 'lapsed');
    await control.save(tx, outcome);
  });
  await context.checkpoint('lapse.posted');
  return outcome;
};

/** A return of the surplus that was begun is finished by a person. */
async function needsPerson(context: ServiceContext, period: string, surplusRun: string): Promise<Blocker | null> {
  const begun = await listIntents(context.store.db, { period, run: surplusRun });
  return begun.some((intent) => isOpen(intent.state)) ? SURPLUS : null;
}
