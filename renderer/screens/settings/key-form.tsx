import { useState } from 'react';
import type { ConnectionReport, KeyView, Reply } from '../../../shared/contract';
import { Button, CheckField, Failure, Panel, ScreenLink, TextField } from '../../components';
import { useAction, useQuery } from '../../state/coffer';
import { useSession } from '../../state/session';
import { tell } from '../../state/toasts';
import { ConnectionDetails, ConnectionMessage } from './connection-result';
import { modeNames } from './mode-switch';

interface KeyFormProps {
  readonly keychain: Reply<'secrets.status'>['keychain'];
  readonly keys: readonly KeyView[];
  readonly onStored: () => void;
}

/** Adds or replaces a key. It is tried at Stripe first and kept only when the test passes; a refused key stays in the field. */
export function KeyForm({ keychain, keys, onStored }: KeyFormProps) {
  const set = useAction('secrets.set');
  const loadSession = useSession((session) => session.load);
  const rail = useQuery('settings.get', undefined).value?.settings.rail;
  const [key, setKey] = useState('');
  const [wantsSession, setWantsSession] = useState(false);
  const [missing, setMissing] = useState(false);
  /** Asked for once a key was refused for having no restriction. */
  const [reason, setReason] = useState('');
  const [answer, setAnswer] = useState<{ stored: boolean; report: ConnectionReport }>();
  const ready = keychain.state === 'ready';
  const sessionOnly = wantsSession || !ready;
  const unrestricted = /^sk_live_/.test(key.trim());
  const insists = unrestricted && reason.trim().length >= 10;

  const submit = async () => {
    setMissing(key.trim() === '');
    if (key.trim() === '') return;
    setAnswer(undefined);
    const result = await set.run({
      key: key.trim(),
      sessionOnly,
      ...(rail === undefined ? {} : { rail }),
      ...(insists ? { unrestrictedReason: reason.trim() } : {}),
    });
    if (!result.ok) return;
    setAnswer(result.value);
    if (!result.value.stored) return;
    setKey('');
    tell(
      `Stored the key of ${modeNames[result.value.report.mode]}`,
      sessionOnly ? 'Until Coffer quits' : 'In the keychain',
    );
    onStored();
    await loadSession();
  };

  return (
    <>
      <Panel title={keys.length === 0 ? 'Add a key' : 'Add or replace a key'}>
        <form
          className="stack settings-narrow"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <TextField
            label="Stripe key"
            type="password"
            value={key}
            onChange={(text) => {
              setKey(text);
              setMissing(false);
              set.clear();
            }}
            maxLength={300}
            placeholder="rk_test_… or rk_live_…"
            hint={
              <>
                A restricted key, from the Stripe dashboard under Developers, API keys. Which permissions it needs
                stands in the{' '}
                <ScreenLink
                  to="guide"
                  params={{ doc: 'stripe-dashboard-quick-reference', section: 'the-restricted-key' }}
                >
                  quick reference
                </ScreenLink>
                . A key of the same mode is replaced.
              </>
            }
            {...(missing ? { error: 'Paste the key here.' } : {})}
          />
          <CheckField
            label={
              ready ? 'Keep only for this session' : 'Keep only for this session (the keychain cannot be used now)'
            }
            isSelected={sessionOnly}
            isDisabled={!ready}
            onChange={setWantsSession}
          />
          {unrestricted && (
            <TextField
              label="Why an unrestricted live key"
              value={reason}
              onChange={setReason}
              maxLength={300}
              hint="Such a key can do everything in the Stripe account, and is refused without a reason of ten letters or more. The reason goes into the audit log of the live books."
            />
          )}
          {set.error !== undefined && <Failure failure={set.error} />}
          {answer !== undefined && <ConnectionMessage report={answer.report} />}
          <div>
            <Button type="submit" kind="primary" isBusy={set.busy}>
              Test and store the key
            </Button>
          </div>
        </form>
      </Panel>
      {answer !== undefined && (
        <ConnectionDetails
          report={answer.report}
          title={answer.stored ? 'The key that was stored' : 'The key that was refused, and not stored'}
        />
      )}
    </>
  );
}
