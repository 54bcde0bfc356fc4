import { useState } from 'react';
import type { FailureView, GuidedTask } from '../../../shared/contract';
import { Amount, Banner, Button, Failure, instantText, Panel } from '../../components';
import { useAction } from '../../state/coffer';
import { useSession } from '../../state/session';
import './guided-tasks.css';

interface GuidedTasksProps {
  readonly tasks: readonly GuidedTask[];
  /** Looks for the transfers at Stripe and goes on. Resolves once it has looked. */
  readonly onLook: () => Promise<unknown>;
  readonly isBusy: boolean;
  readonly error?: FailureView;
}

/** Transfers that only a person can make in the Stripe dashboard: the amount, the clicks in order, and a way to go on. */
export function GuidedTasks({ tasks, onLook, isBusy, error }: GuidedTasksProps) {
  const inSandbox = useSession((session) => session.info?.mode) === 'sandbox';
  const play = useAction('sandbox.performGuided');
  const [looked, setLooked] = useState(false);
  const one = tasks.length === 1;
  const look = async () => {
    setLooked(false);
    await onLook();
    setLooked(true);
  };
  const playAll = async () => {
    for (const task of tasks) {
      const played = await play.run({ intentId: task.intentId });
      if (!played.ok) return;
    }
    await look();
  };
  if (tasks.length === 0) return null;
  return (
    <Panel title={one ? 'A transfer for you to make at Stripe' : `${tasks.length} transfers for you to make at Stripe`}>
      <div className="guided">
        <p>
          Stripe offers no way to make {one ? 'this transfer' : 'these transfers'} from here. Make{' '}
          {one ? 'it' : 'each of them'} in the Stripe dashboard with exactly the amount shown; Coffer finds it and goes
          on.
        </p>
        {tasks.map((task) => (
          <section key={task.intentId} className="guided-task" aria-label={task.title}>
            <div className="guided-head">
              <strong>{task.title}</strong>
              <Amount value={task.amount} currency={task.currency} size="large" showCurrency />
            </div>
            <ol className="guided-clicks">
              {task.clicks.map((click) => (
                <li key={click}>{click}</li>
              ))}
            </ol>
            <p className="muted">Asked for {instantText(task.since)}</p>
            {task.seen.map((note) => (
              <Banner key={note.what} tone="attention" title={note.what}>
                {note.todo}
              </Banner>
            ))}
          </section>
        ))}
        {error !== undefined && <Failure failure={error} />}
        {play.error !== undefined && <Failure failure={play.error} />}
        <div aria-live="polite">
          {looked && !isBusy && error === undefined && (
            <Banner
              tone="attention"
              title={one ? 'Not seen at Stripe yet.' : 'Not all of them are seen at Stripe yet.'}
            >
              A transfer can take a minute to show. Compare the amount and the direction, then look again.
            </Banner>
          )}
        </div>
        <div className="row">
          <Button kind="primary" isBusy={isBusy && !play.busy} isDisabled={play.busy} onPress={look}>
            {one ? 'I have made this transfer: look for it' : 'I have made these transfers: look for them'}
          </Button>
          {inSandbox && (
            <Button isBusy={play.busy} isDisabled={isBusy} onPress={playAll}>
              Play the dashboard (sandbox)
            </Button>
          )}
        </div>
      </div>
    </Panel>
  );
}
