import { EmptyState, PageHeader, Panel } from '../../components';
import { screenTitles } from '../../state/navigation';

export default function AuditScreen() {
  return (
    <>
      <PageHeader title={screenTitles.audit} />
      <Panel>
        <EmptyState title="Not in this version yet">This screen is being written.</EmptyState>
      </Panel>
    </>
  );
}
