import { ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import type { Reply } from '../../../shared/contract';
import { Banner, Button, Failure, instantText, KeyValue, Panel, ScreenLink } from '../../components';
import { useAction } from '../../state/coffer';

/** Recomputes the hash of every event, so that a change, a deletion or another order shows. */
export function Verification() {
  const verify = useAction('audit.verify');
  const [result, setResult] = useState<Reply<'audit.verify'>>();
  const run = async () => {
    const answer = await verify.run();
    if (answer.ok) setResult(answer.value);
  };
  return (
    <Panel
      title="Verify the audit log"
      actions={
        <Button kind="primary" icon={<ShieldCheck size={14} />} isBusy={verify.busy} onPress={run}>
          Verify the log
        </Button>
      }
    >
      <div className="stack">
        <p className="muted">
          Each event carries a hash of itself and of the event before. Verification computes all of them again: an event
          that was changed, removed or put elsewhere breaks the chain from there on. At every close the head is signed
          and copied out of the database, so that a log that was cut off or written anew shows too. Keep the binder of
          each month outside this computer, and write down the fingerprint of the key. How it is made stands in the{' '}
          <ScreenLink to="guide" params={{ doc: 'audit-log' }}>
            Guide
          </ScreenLink>
          .
        </p>
        {verify.error !== undefined && <Failure failure={verify.error} onRetry={run} />}
        {result !== undefined && (
          <>
            <Banner
              tone={result.ok ? 'good' : 'bad'}
              live
              title={result.ok ? 'The log is complete and unchanged.' : 'The log was changed.'}
            >
              {result.message}
            </Banner>
            <KeyValue
              items={[
                { label: 'Events that fit', value: result.events.toLocaleString('en') },
                { label: 'Head of the chain', value: <span className="audit-code">{result.head}</span> },
                { label: 'Signed checkpoints', value: result.checkpoints.toLocaleString('en') },
                {
                  label: 'Fingerprint of the signing key',
                  value: <span className="audit-code">{result.keyFingerprint ?? '—'}</span>,
                },
                { label: 'Checked', value: instantText(result.checkedAt) },
              ]}
            />
          </>
        )}
      </div>
    </Panel>
  );
}
