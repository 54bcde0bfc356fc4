import { useState } from 'react';
import type { FailureView, RestoreReviewView } from '../../../shared/contract';
import {
  amountsText,
  Banner,
  Button,
  Dialog,
  Failure,
  instantText,
  SimpleTable,
  spoken,
  TypedConfirmDialog,
} from '../../components';
import { useAction } from '../../state/coffer';
import { useSession } from '../../state/session';
import { tell } from '../../state/toasts';

export interface Restoring {
  readonly review: RestoreReviewView | undefined;
  /** Why a file could not be looked at. */
  readonly error: FailureView | undefined;
  readonly busy: boolean;
  look(path: string): Promise<void>;
  chooseFile(): Promise<void>;
  close(): void;
}

/** Looks at a backup before anything is replaced, and keeps what was found for the dialog. */
export function useRestoring(): Restoring {
  const choose = useAction('backups.choose');
  const check = useAction('backups.review');
  const [review, setReview] = useState<RestoreReviewView>();
  const look = async (path: string) => {
    const result = await check.run({ path });
    if (result.ok) setReview(result.value);
  };
  return {
    review,
    error: choose.error ?? check.error,
    busy: check.busy || choose.busy,
    look,
    chooseFile: async () => {
      const result = await choose.run();
      if (result.ok && result.value !== null) await look(result.value.path);
    },
    close: () => setReview(undefined),
  };
}

/** Says what would be lost, asks to type it, restores. A file that cannot be restored is refused with its reasons. */
export function RestoreDialog({ restoring }: { readonly restoring: Restoring }) {
  const restore = useAction('backups.restore');
  const loadSession = useSession((session) => session.load);
  const { review, close } = restoring;
  if (review === undefined) return null;
  if (review.refusals.length > 0) return <Refused review={review} onClose={close} />;
  const confirm = async (typed: string) => {
    const result = await restore.run({ path: review.path, typed });
    if (!result.ok) return;
    tell('Restored the books', 'Compare them with Stripe before anything is moved.');
    close();
    await loadSession();
  };
  const { losses } = review;
  return (
    <TypedConfirmDialog
      isOpen
      title="Restore the books from a backup"
      restatement={[
        { label: 'Backup', value: review.file },
        { label: 'Its last event', value: review.lastEventAt === null ? '—' : instantText(review.lastEventAt) },
        { label: 'Its open month', value: review.openPeriod ?? '—' },
        ...(losses === null
          ? []
          : [
              { label: 'Events lost', value: losses.events.toLocaleString('en') },
              {
                label: 'Movements lost',
                value:
                  losses.movementCount === 0
                    ? 'None'
                    : `${losses.movementCount.toLocaleString('en')}, ${amountsText(losses.amounts)}`,
              },
            ]),
      ]}
      expected={review.confirmation}
      hint="The word restore, a space and the text after it, exactly as written above."
      action="Restore this backup"
      isBusy={restore.busy}
      {...(restore.error === undefined ? {} : { error: restore.error })}
      onConfirm={confirm}
      onCancel={close}
    >
      {losses === null ? (
        <Banner tone="attention" title="The present books cannot be read.">
          What they hold beyond this backup cannot be listed here. Stripe knows every movement made since.
        </Banner>
      ) : (
        <Losses losses={losses} />
      )}
      <p>
        The present books are moved aside and kept. Movements already made at Stripe stay made: nothing is paid, funded
        or released until the restored books were compared with Stripe and hold all of them.
      </p>
    </TypedConfirmDialog>
  );
}

function Losses({ losses }: { readonly losses: NonNullable<RestoreReviewView['losses']> }) {
  return (
    <>
      {losses.periods.length > 0 && (
        <SimpleTable
          caption="Months that go back"
          rows={losses.periods}
          rowKey={(one) => one.period}
          columns={[
            { id: 'period', header: 'Month', cell: (one) => one.period },
            { id: 'now', header: 'Now', cell: (one) => one.now },
            {
              id: 'then',
              header: 'In the backup',
              cell: (one) => (one.inBackup === '' ? 'Not begun' : one.inBackup),
            },
          ]}
        />
      )}
      {losses.movements.length > 0 && (
        <details>
          <summary>
            {losses.movementCount > losses.movements.length
              ? `The first ${losses.movements.length} movements that the backup does not know as they are now`
              : 'Movements that the backup does not know as they are now'}
          </summary>
          <SimpleTable
            caption="Movements that the backup does not know as they are now"
            rows={losses.movements}
            rowKey={(one) => one.intentId}
            columns={[
              { id: 'what', header: 'Movement', cell: (one) => `${one.kind} ${one.period}` },
              { id: 'who', header: 'Creator', cell: (one) => one.creatorId ?? '—' },
              { id: 'amount', header: 'Amount', align: 'end', cell: (one) => spoken(one.amount, one.currency) },
              { id: 'state', header: 'State', cell: (one) => one.state },
            ]}
          />
        </details>
      )}
    </>
  );
}

function Refused({ review, onClose }: { readonly review: RestoreReviewView; readonly onClose: () => void }) {
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="This file cannot be restored"
      cancel={
        <Button autoFocus onPress={onClose}>
          Close
        </Button>
      }
    >
      <p>{review.file}</p>
      <ul>
        {review.refusals.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <p>Nothing was changed. Choose another backup.</p>
    </Dialog>
  );
}

export function RestoringFailure({ restoring }: { readonly restoring: Restoring }) {
  return restoring.error === undefined ? null : <Failure failure={restoring.error} />;
}
