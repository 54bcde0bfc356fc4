import { PageHeader, Tabs } from '../../components';
import { screenTitles, useNavigation } from '../../state/navigation';
import { useSession } from '../../state/session';
import { Appearance } from './appearance';
import { Backups } from './backups';
import { DataSettings } from './data-settings';
import { LockAndRole } from './lock-and-role';
import { Operator } from './operator';
import { RailAndPolicy } from './rail-and-policy';
import { SandboxSettings } from './sandbox-settings';
import { Schedule } from './schedule';
import './settings.css';
import { StripeConnection } from './stripe-connection';
import { TwoPeople } from './two-people';

function OperatorSettings() {
  return (
    <div className="stack">
      <Operator />
      <LockAndRole />
      <TwoPeople />
    </div>
  );
}

export default function SettingsScreen() {
  const place = useNavigation((navigation) => navigation.place);
  const setParams = useNavigation((navigation) => navigation.setParams);
  const mode = useSession((session) => session.info?.mode);
  const tabs = [
    { id: 'stripe', title: 'Stripe connection', content: <StripeConnection /> },
    { id: 'policy', title: 'Rail and policy', content: <RailAndPolicy /> },
    { id: 'data', title: 'Data', content: <DataSettings /> },
    ...(mode === 'sandbox' ? [{ id: 'sandbox', title: 'Sandbox', content: <SandboxSettings /> }] : []),
    { id: 'schedule', title: 'Schedule', content: <Schedule /> },
    { id: 'backups', title: 'Backups', content: <Backups /> },
    { id: 'operator', title: 'Operator', content: <OperatorSettings /> },
    { id: 'appearance', title: 'Appearance', content: <Appearance /> },
  ];
  const wanted = place.params.tab ?? '';
  return (
    <>
      <PageHeader
        title={screenTitles.settings}
        subtitle="Each mode has its own key, its own books and its own settings; nothing of one appears in another."
      />
      <Tabs
        label="Parts of the settings"
        selected={tabs.some((tab) => tab.id === wanted) ? wanted : 'stripe'}
        onSelect={(tab) => setParams({ ...place.params, tab })}
        tabs={tabs}
      />
    </>
  );
}
