import { useState } from 'react';
import type { BooksState, ComparisonView } from '../../../shared/contract';
import { Banner, Button, Failure } from '../../components';
import { useAction } from '../../state/coffer';
import { tell } from '../../state/toasts';

/** Restored books, and the one way on: every movement made at Stripe since is found and taken over. */
export function CompareWithStripe({ restored }: { readonly restored: NonNullable<BooksState['restored']> }) {
  const compare = useAction('backups.compare');
  const [result, setResult] = useState<ComparisonView>();
  const run = async () => {
    const answer = await compare.run();
    if (!answer.ok) return;
    setResult(answer.value);
    if (answer.value.open.length === 0) tell('Compared with Stripe', answer.value.summary);
  };
  const open = result?.open ?? restored.open;
  return (
    <div className="stack">
      <Banner
        tone="attention"
        title="Restored books: nothing is moved until they are compared with Stripe"
        actions={
          <Button kind="primary" isBusy={compare.busy} onPress={run}>
            Compare with Stripe
          </Button>
        }
      >
        {restored.message} Coffer looks for every movement of its own at Stripe since then and takes over those that
        these books do not know. Nothing is sent.
      </Banner>
      {compare.error !== undefined && <Failure failure={compare.error} />}
      {open.length > 0 && (
        <Banner tone="bad" title="Not taken over" live>
          <ul>
            {open.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </Banner>
      )}
    </div>
  );
}
