import { FileText } from 'lucide-react';
import { useState } from 'react';
import type { Reply } from '../../../shared/contract';
import { Banner, Button, counted, Failure, Panel, Progress, ScreenLink } from '../../components';
import { useAction } from '../../state/coffer';
import { useRunProgress } from '../month-end/use-run-progress';

type Saved = NonNullable<Reply<'creators.saveStatements'>>;

/** A PDF for every creator of the month, to be sent to them. */
export function Statements({ period }: { readonly period: string }) {
  const save = useAction('creators.saveStatements');
  const stop = useAction('creators.stopStatements');
  const [saved, setSaved] = useState<Saved>();
  const progress = useRunProgress('export', save.busy);
  const start = async () => {
    setSaved(undefined);
    const result = await save.run({ period });
    if (result.ok && result.value !== null) setSaved(result.value);
  };
  return (
    <Panel
      title={`Statements of ${period}`}
      actions={
        save.busy ? (
          <Button isBusy={stop.busy} onPress={() => void stop.run()}>
            Stop after this file
          </Button>
        ) : (
          <Button icon={<FileText size={14} />} onPress={start}>
            Save every statement…
          </Button>
        )
      }
    >
      <p className="muted">
        One PDF for each creator of the month: what was earned, kept, paid and is still owed, with the allocations
        behind it. A single one is saved from the creator’s own statement in{' '}
        <ScreenLink to="creators">Creators</ScreenLink>.
      </p>
      {progress !== undefined && <Progress label={progress.label} done={progress.done} total={progress.total} />}
      {save.error !== undefined && <Failure failure={save.error} />}
      {saved !== undefined && (
        <Banner
          tone={saved.files === saved.total ? 'good' : 'attention'}
          title={
            saved.files === saved.total
              ? `${counted(saved.files, 'statement was', 'statements were')} saved.`
              : `Stopped after ${saved.files.toLocaleString('en')} of ${counted(saved.total, 'statement')}.`
          }
          live
        >
          <span className="saved-path">{saved.directory}</span>
        </Banner>
      )}
    </Panel>
  );
}
