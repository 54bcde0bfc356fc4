import type { SettingsView } from '../../../shared/contract';
import { Failure, KeyValue, Panel, RadioField } from '../../components';
import { useAction } from '../../state/coffer';
import { useSession } from '../../state/session';

/** Light, dark or as the system has it; and which copy of Coffer this is, for a report. */
export function Appearance() {
  const theme = useSession((session) => session.theme);
  const info = useSession((session) => session.info);
  const update = useAction('settings.update');
  const choose = async (chosen: SettingsView['theme']) => {
    const result = await update.run({ theme: chosen });
    if (result.ok) useSession.setState({ theme: result.value.theme });
  };
  return (
    <div className="settings-columns">
      <Panel title="Theme">
        <RadioField
          label="Theme"
          value={theme}
          onChange={choose}
          options={[
            { id: 'system', label: 'As the system has it' },
            { id: 'light', label: 'Light' },
            { id: 'dark', label: 'Dark' },
          ]}
        />
        {update.error !== undefined && <Failure failure={update.error} />}
      </Panel>
      {info !== undefined && (
        <Panel title="This copy of Coffer">
          <KeyValue
            items={[
              { label: 'Version', value: info.version },
              {
                label: 'Runtime',
                value:
                  info.runtime.kind === 'official'
                    ? `Electron ${info.runtime.electron}`
                    : `Electron ${info.runtime.electron}, a stand-in: no live mode`,
              },
              { label: 'Chromium', value: info.runtime.chrome },
              { label: 'Node', value: info.runtime.node },
              { label: 'Log', value: 'In the menu under Help' },
            ]}
          />
        </Panel>
      )}
    </div>
  );
}
