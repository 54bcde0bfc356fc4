/** Files out and in for the approval by a second person; what they mean is in services/second-approval/. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import type { ApprovalKind, ApprovalRequestFile } from '../../../../shared/contract';
import { CofferError } from '../../../../shared/domain/coffer-error';
import { period as toPeriod } from '../../../../shared/period/period';
import { fingerprint } from '../../../journal/signing';
import { requireRun } from '../../../services/migration/run';
import { readRun } from '../../../services/month-end/run';
import { acceptApproval } from '../../../services/second-approval/accept';
import { listApprovers, pinApprover, revokeApprover } from '../../../services/second-approval/approvers';
import { ownKeyFile, readKeyFile, readRequestFile } from '../../../services/second-approval/files';
import { type ApprovalPlan, migrationToApprove, payoutsToApprove } from '../../../services/second-approval/plan';
import { requestApproval } from '../../../services/second-approval/request';
import { secondApprovalView } from '../../../services/second-approval/requirement';
import { signApproval } from '../../../services/second-approval/sign';
import { planPayouts } from '../../../services/stripe-transfer';
import { withdrawalApproval } from '../../../services/withdrawal';
import type { HandlersOf } from '../../service-host';
import { OPERATOR_KEY, signerFrom } from '../../signing-keys';
import type { OpenBooks } from '../open-books';

const KINDS = [{ name: 'Coffer', extensions: ['json'] }];
const LARGEST_FILE = 64 * 1024;

export function approvalHandlers(books: OpenBooks): HandlersOf<'approval'> {
  const { secrets, mode, dialogs } = books.surroundings;
  const operatorKey = signerFrom(secrets, mode, OPERATOR_KEY);
  /** The request that was shown last: what is signed is what was seen. */
  let shown: ApprovalRequestFile | null = null;

  const context = () => books.platform().context;
  const present = async (
    kind: ApprovalKind,
    period: string,
    id: string | undefined,
  ): Promise<{ readonly plan: ApprovalPlan; readonly begun: boolean }> => {
    if (kind === 'withdrawal') return withdrawalApproval(context(), id ?? '');
    if (kind === 'migration') {
      const migration = await requireRun(context());
      if (migration.plan.period === period)
        return { plan: migrationToApprove(migration.plan), begun: migration.state !== 'approved' };
      throw new CofferError('migration-none', `There is no plan of ${period}.`, 'Make the dry run first.');
    }
    const run = await readRun(context().store.db, toPeriod(period));
    if (run === null) throw new CofferError('step-order', `${period} has no plan yet.`, 'Run its steps up to Approve.');
    const plan = payoutsToApprove(await planPayouts(context(), toPeriod(period), run.version));
    return { plan, begun: run.state === 'paying' };
  };
  const choose = async (title: string): Promise<string | null> => {
    const path = await dialogs.chooseFile({ title, button: 'Open', kinds: KINDS });
    if (path === null) return null;
    if ((await stat(path)).size > LARGEST_FILE)
      throw new CofferError(
        'approval-malformed',
        'This file is too large to be one of Coffer’s.',
        'Choose another one.',
      );
    return readFile(path, 'utf8');
  };
  const save = async (title: string, name: string, content: unknown): Promise<{ path: string } | null> => {
    const path = await dialogs.chooseSaveFile({ title, name, kinds: KINDS });
    if (path === null) return null;
    await writeFile(path, `${JSON.stringify(content, null, 1)}\n`, 'utf8');
    return { path };
  };

  return {
    'approval.keys': async () => {
      const own = await operatorKey();
      return {
        own: {
          name: context().actor(),
          publicKey: own.publicKey,
          fingerprint: fingerprint(own.publicKey),
          pinnedAt: null,
        },
        approvers: await listApprovers(context().store.db),
      };
    },
    'approval.exportKey': async () => {
      const name = context().actor();
      const file = `coffer-key-${name.replace(/[^A-Za-z0-9_-]+/g, '-')}.json`;
      return save('Save your public key for the other machine', file, ownKeyFile(name, await operatorKey()));
    },
    'approval.readKey': async () => {
      const text = await choose('Open the public key of the other machine');
      if (text === null) return null;
      const { name, publicKey } = readKeyFile(text);
      return { name, publicKey, fingerprint: fingerprint(publicKey), pinnedAt: null };
    },
    'approval.pin': async (approver) => {
      await pinApprover(context(), await operatorKey(), approver);
      return null;
    },
    'approval.revoke': async ({ publicKey }) => {
      await revokeApprover(context(), publicKey);
      return null;
    },
    'approval.status': async ({ kind, period, id }) => {
      const { plan, begun } = await present(kind, period, id);
      return secondApprovalView(context(), plan, begun);
    },
    'approval.request': async ({ kind, period, id }) => {
      const { plan } = await present(kind, period, id);
      const request = await requestApproval(context(), await operatorKey(), plan);
      return save('Save the request for the second person', `coffer-request-${kind}-${period}.json`, request);
    },
    'approval.readRequest': async () => {
      const text = await choose('Open the request for approval');
      if (text === null) return null;
      shown = readRequestFile(text);
      return { ...shown.subject, fingerprint: fingerprint(shown.subject.requesterKey) };
    },
    'approval.sign': async ({ nonce }) => {
      if (shown === null || shown.subject.nonce !== nonce)
        throw new CofferError('approval-not-shown', 'This request is not the one that was shown.', 'Open it again.');
      const approval = await signApproval(context(), await operatorKey(), shown);
      return save('Save the approval', `coffer-approval-${shown.subject.kind}-${shown.subject.period}.json`, approval);
    },
    'approval.accept': async ({ kind, period, id }) => {
      const text = await choose('Open the approval of the second person');
      if (text === null) return null;
      const { plan, begun } = await present(kind, period, id);
      await acceptApproval(context(), await operatorKey(), plan, text);
      books.publish('data.changed', { reason: 'approval' });
      return secondApprovalView(context(), plan, begun);
    },
  };
}
