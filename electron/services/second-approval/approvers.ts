/** Keys of other machines that are pinned here. */
import type { ApproverView } from '../../../shared/contract/approvals';
import { CofferError } from '../../../shared/domain/coffer-error';
import { appendAudit } from '../../journal/audit-chain';
import { fingerprint, type Signer } from '../../journal/signing';
import type { Queries } from '../../store/store';
import type { ApprovalContext } from './plan';

export function pinsInForce(db: Queries) {
  return db
    .selectFrom('approver')
    .leftJoin('approver_revoked', 'approver_revoked.pin_id', 'approver.pin_id')
    .selectAll('approver')
    .where('approver_revoked.pin_id', 'is', null);
}

/** The keys that are pinned now; those that were revoked stay in the database and in the audit log. */
export async function listApprovers(db: Queries): Promise<ApproverView[]> {
  const rows = await pinsInForce(db).orderBy('name').execute();
  return rows.map((row) => ({
    name: row.name,
    publicKey: row.public_key,
    fingerprint: fingerprint(row.public_key),
    pinnedAt: row.pinned_at,
  }));
}

/** Pins a key. `confirmed`: the last group of its fingerprint, as the other person read it out. */
export async function pinApprover(
  context: ApprovalContext,
  own: Signer,
  approver: { readonly name: string; readonly publicKey: string; readonly confirmed: string },
): Promise<void> {
  const print = fingerprint(approver.publicKey);
  if (print.slice(-4) !== approver.confirmed.trim().toLowerCase()) {
    throw new CofferError(
      'fingerprint-differs',
      'This is not the end of the fingerprint.',
      'Let the other person read it out from their own screen; if it differs, the file was changed on its way.',
    );
  }
  if (approver.publicKey === own.publicKey) {
    throw new CofferError(
      'approval-same-person',
      'This is the key of this machine.',
      'Pin the key of another machine.',
    );
  }
  await context.store.transaction(async (tx) => {
    const at = context.now();
    const known = await pinsInForce(tx).where('public_key', '=', approver.publicKey).executeTakeFirst();
    if (known !== undefined) {
      throw new CofferError(
        'approver-known',
        `This key is pinned already, as the key of ${known.name}.`,
        'To pin it under another name, revoke it first.',
      );
    }
    const pinId = crypto.randomUUID();
    await tx
      .insertInto('approver')
      .values({
        pin_id: pinId,
        public_key: approver.publicKey,
        name: approver.name,
        pinned_at: at.toISOString(),
        pinned_by: context.actor(),
      })
      .execute();
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'approver.pinned',
      subject: approver.name,
      payload: { pinId, publicKey: approver.publicKey, fingerprint: print },
    });
  });
}

/** Ends a pin; what was approved under it does not count any more, also when the key is pinned anew. */
export async function revokeApprover(context: ApprovalContext, publicKey: string): Promise<void> {
  await context.store.transaction(async (tx) => {
    const known = await pinsInForce(tx).where('public_key', '=', publicKey).executeTakeFirst();
    if (known === undefined) return;
    const at = context.now();
    await tx
      .insertInto('approver_revoked')
      .values({ pin_id: known.pin_id, at: at.toISOString(), by: context.actor() })
      .execute();
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'approver.revoked',
      subject: known.name,
      payload: { pinId: known.pin_id, publicKey, fingerprint: fingerprint(publicKey) },
    });
  });
}
