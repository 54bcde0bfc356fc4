import { EmptyState, PageHeader, Panel } from '../../components';
import { screenTitles } from '../../state/navigation';

export default function MigrationScreen() {
  return (
    <>
      <PageHeader title={screenTitles.migration} />
      <Panel>
        <EmptyState title="Not in this version yet">This screen is being written.</EmptyState>
      </Panel>
    </>
  );
}
