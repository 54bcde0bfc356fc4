import { EmptyState, PageHeader, Panel } from '../../components';
import { screenTitles } from '../../state/navigation';

export default function MonthEndScreen() {
  return (
    <>
      <PageHeader title={screenTitles['month-end']} />
      <Panel>
        <EmptyState title="Not in this version yet">This screen is being written.</EmptyState>
      </Panel>
    </>
  );
}
