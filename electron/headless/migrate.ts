/** `migrate`: from one mixed balance to Payments and Storage, taken up where the state stands. */
import { CofferError } from '../../shared/domain/coffer-error';
import { checkpointFile, checkpointNow } from '../services/audit-checkpoints';
import { BalanceMonitor } from '../services/balance-monitoring';
import { RunGuard } from '../services/context';
import { approveMigration, executeMigration, makePlan } from '../services/execute-migration';
import { makeExports } from '../services/exports/make-exports';
import { type SavedFile, writeFiles } from '../services/exports/write-files';
import { migrationCertificate, migrationView } from '../services/migration/view';
import { migrationPreflight } from '../services/storage-balance-migration';
import type { RunArguments } from './arguments';
import { DONE, type Ending, STOPPED, UNKNOWN } from './ending';
import type { Session } from './session';

const PATIENCE_MS = 30_000;
const EXPORTS = ['operations.csv', 'balances.csv', 'journal_entries.csv', 'audit.csv', 'audit.jsonl'];

export async function runMigrate(
  args: RunArguments,
  session: Session,
  progress: (line: string) => void,
): Promise<Ending> {
  const { context } = session.platform;
  const guard = new RunGuard();
  const monitor = new BalanceMonitor(context);
  await monitor.poll();
  let view = await migrationView(context, guard);
  const finished = view.state === 'completed' || view.state === 'rolled-back';
  if (view.id === null || finished || view.state === 'planned') {
    const previous = finished ? view : null;
    const checks = await migrationPreflight(context);
    const blockers = checks.filter((check) => check.outcome === 'blocker');
    if (blockers.length > 0) {
      for (const blocker of blockers) progress(`  ${blocker.title}. ${blocker.detail} ${blocker.action}`);
      return {
        exit: STOPPED,
        summary: { command: 'migrate', period: session.period, moved: {}, exceptions: blockers },
      };
    }
    const needed = checks.every((check) => check.code !== 'not-needed');
    if (previous !== null && !needed) return ending(args, session, guard, monitor, {});
    await makePlan(context);
    view = await migrationView(context, guard);
  }
  const plan = view.plan;
  if (plan === null) throw new Error('A migration without a plan');
  for (const one of plan.delta) progress(`To be moved to Storage: ${one.amount} minor units of ${one.currency}`);
  if (!args.yes) {
    progress('Nothing was moved: add --yes to execute the plan.');
    return { exit: DONE, summary: { command: 'migrate', period: session.period, plan, moved: {} } };
  }
  const before = view.moved;
  try {
    if (view.state === 'planned') await approveMigration(context, plan.planHash);
    await executeMigration(context, guard, {
      planHash: plan.planHash,
      typed: plan.confirmation,
      patienceMs: PATIENCE_MS,
    });
  } catch (error) {
    if (!(error instanceof CofferError)) throw error;
    progress(`  ${error.message} ${error.hint}`);
    return {
      exit: STOPPED,
      summary: {
        command: 'migrate',
        period: session.period,
        exceptions: [{ code: error.code, message: error.message, action: error.hint }],
      },
    };
  }
  const known = new Map(before.map((one) => [one.currency, BigInt(one.amount)]));
  const moved: Record<string, string> = {};
  for (const one of (await migrationView(context, guard)).moved) {
    moved[one.currency] = String(BigInt(one.amount) - (known.get(one.currency) ?? 0n));
  }
  return ending(args, session, guard, monitor, moved);
}

async function ending(
  args: RunArguments,
  session: Session,
  guard: RunGuard,
  monitor: BalanceMonitor,
  moved: Readonly<Record<string, string>>,
): Promise<Ending> {
  const { context } = session.platform;
  const overview = await monitor.poll();
  const view = await migrationView(context, guard);
  const certificate = await migrationCertificate(context);
  const figures = Object.fromEntries(
    overview.currencies.map((one) => {
      const payments = BigInt(one.paymentsAvailable);
      const storage = BigInt(one.storageAvailable) + BigInt(one.inboundPending);
      // The whole migration, also when this run took it up after another had been ended.
      const whole = BigInt(view.moved.find((known) => known.currency === one.currency)?.amount ?? '0');
      return [
        one.currency,
        {
          obligations: one.owed,
          moved: String(whole),
          moved_by_this_run: moved[one.currency] ?? '0',
          payments_before: String(payments + whole),
          payments_after: String(payments),
          storage_before: String(storage - whole),
          storage_after: String(storage),
        },
      ];
    }),
  );
  const summary = {
    command: 'migrate',
    period: session.period,
    state: view.state,
    moved,
    figures,
    certificate: certificate?.id ?? null,
  };
  const signed = await checkpointNow(context);
  const files: SavedFile[] = await makeExports(context.store.db, session.period, EXPORTS);
  files.push(checkpointFile(signed));
  if (certificate !== null) {
    const { certificateFiles } = await import('../services/certificate-pdf');
    files.push(...(await certificateFiles(certificate)));
  }
  files.push({
    name: 'summary.json',
    title: 'Balances before and after',
    rows: 1,
    content: `${JSON.stringify(figures, null, 1)}\n`,
  });
  await writeFiles(args.out, files);
  if (view.state === 'completed') return { exit: DONE, summary };
  const unknown = view.operations.some((one) => one.status === 'unknown');
  return {
    exit: unknown ? UNKNOWN : STOPPED,
    summary: {
      ...summary,
      exceptions: [{ code: 'stopped', message: view.stopReason ?? '', action: 'Run the command again to resume.' }],
    },
  };
}
