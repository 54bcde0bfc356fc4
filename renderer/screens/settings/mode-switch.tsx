import { useState } from 'react';
import type { KeyView, Mode } from '../../../shared/contract';
import { Banner, Button, ConfirmDialog, Failure, Panel, RadioField, StatusPill } from '../../components';
import { useAction } from '../../state/coffer';
import { useSession } from '../../state/session';

export const modeNames: Readonly<Record<Mode, string>> = { sandbox: 'Sandbox', test: 'Test', live: 'Live' };

const options: readonly { readonly id: Mode; readonly label: string; readonly detail: string }[] = [
  {
    id: 'sandbox',
    label: 'Sandbox',
    detail: 'A Stripe inside Coffer with a believable platform. No account, no network, no real money.',
  },
  {
    id: 'test',
    label: 'Test',
    detail: 'Your Stripe account in its test mode. Real calls to Stripe, no real money. Needs a test key.',
  },
  {
    id: 'live',
    label: 'Live',
    detail: 'Your Stripe account with real money and real payouts. Needs a restricted live key.',
  },
];

/** Changes the mode. The books of the other modes stay as they are and are there again on the way back. */
export function ModeSwitch({ keys }: { readonly keys: readonly KeyView[] | undefined }) {
  const info = useSession((session) => session.info);
  const load = useSession((session) => session.load);
  const setMode = useAction('app.setMode');
  const [chosen, setChosen] = useState<Mode>();
  const [confirming, setConfirming] = useState(false);
  if (info === undefined) return null;
  const mode = chosen ?? info.mode;
  const withoutKey = mode !== 'sandbox' && keys !== undefined && !keys.some((key) => key.mode === mode);

  const change = async () => {
    const result = await setMode.run({ mode });
    setConfirming(false);
    if (!result.ok) return;
    setChosen(undefined);
    await load();
  };

  return (
    <Panel title="Mode" actions={<StatusPill tone="neutral">Now: {modeNames[info.mode]}</StatusPill>}>
      <div className="stack">
        <RadioField label="Coffer works with" value={mode} onChange={setChosen} options={options} />
        {mode !== info.mode && withoutKey && (
          <Banner tone="information" title={`There is no ${modeNames[mode].toLowerCase()} key yet.`}>
            Add one below, before or after the change. Until then nothing of this mode can be read.
          </Banner>
        )}
        {setMode.error !== undefined && <Failure failure={setMode.error} />}
        {mode !== info.mode && (
          <div className="row">
            <Button
              kind="primary"
              isBusy={setMode.busy}
              onPress={() => (mode === 'live' ? setConfirming(true) : void change())}
            >
              Change to {modeNames[mode].toLowerCase()} mode
            </Button>
            <Button onPress={() => setChosen(undefined)}>Stay in {modeNames[info.mode].toLowerCase()} mode</Button>
          </div>
        )}
        <ConfirmDialog
          isOpen={confirming}
          title="Change to live mode"
          restatement={[
            { label: 'From', value: modeNames[info.mode] },
            { label: 'To', value: 'Live, real money' },
            { label: 'Operator', value: info.operator },
          ]}
          action="Change to live mode"
          isBusy={setMode.busy}
          onConfirm={change}
          onCancel={() => setConfirming(false)}
        >
          <p>Changing the mode moves nothing. What you approve there pays real creators.</p>
        </ConfirmDialog>
      </div>
    </Panel>
  );
}
