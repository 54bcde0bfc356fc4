import { EmptyState, PageHeader, Panel } from '../../components';
import { screenTitles } from '../../state/navigation';

export default function GuideScreen() {
  return (
    <>
      <PageHeader title={screenTitles.guide} />
      <Panel>
        <EmptyState title="Not in this version yet">This screen is being written.</EmptyState>
      </Panel>
    </>
  );
}
