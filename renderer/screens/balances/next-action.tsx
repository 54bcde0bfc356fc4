import type { NextAction } from '../../../shared/contract';
import { Button, Panel } from '../../components';
import { navigateTo } from '../../state/navigation';

/** What to do next, as the main process sees it. */
export function NextActionCard({ action }: { readonly action: NextAction }) {
  return (
    <Panel title="What to do next">
      <div className="stack">
        <div>
          <strong>{action.title}</strong>
          <p className="muted">{action.detail}</p>
        </div>
        {action.button !== '' && (
          <div>
            <Button kind="primary" onPress={() => navigateTo(action.screen)}>
              {action.button}
            </Button>
          </div>
        )}
      </div>
    </Panel>
  );
}
