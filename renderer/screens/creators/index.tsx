import { Activity, useState } from 'react';
import { Button, CheckField, PageHeader } from '../../components';
import { screenTitles } from '../../state/navigation';
import { useScreenParams } from '../../state/screen-params';
import { useFocusOnDrillDown } from '../../state/use-focus-on-drill-down';
import { CreatorList } from './creator-list';
import { CreatorStatement } from './creator-statement';
import { SaveEarningsDialog } from './save-earnings-dialog';
import { SuspensePanel } from './suspense-panel';

/** Creators with what they are owed; one of them with the whole statement. */
export default function CreatorsScreen() {
  const [params, change] = useScreenParams();
  const { creatorId } = params;
  const onlyHeld = params.held === 'yes';
  const [saving, setSaving] = useState(false);
  useFocusOnDrillDown(creatorId);
  return (
    <>
      {creatorId === undefined ? (
        <PageHeader
          title={screenTitles.creators}
          subtitle="What each creator is owed, earns this month and was paid."
          actions={<Button onPress={() => setSaving(true)}>Save statements as CSV…</Button>}
          filters={
            <CheckField
              label="Only creators on hold"
              isSelected={onlyHeld}
              onChange={(selected) => change({ held: selected ? 'yes' : undefined })}
            />
          }
        />
      ) : (
        <CreatorStatement key={creatorId} creatorId={creatorId} />
      )}
      {saving && <SaveEarningsDialog onClose={() => setSaving(false)} />}
      {/* Hidden, not gone: Back finds the search, the order and the place in the list as they were. */}
      <Activity mode={creatorId === undefined ? 'visible' : 'hidden'}>
        <SuspensePanel />
        <CreatorList onlyHeld={onlyHeld} onEveryone={() => change({ held: undefined })} />
      </Activity>
    </>
  );
}
