import { ArrowLeft, ArrowRight, Search } from 'lucide-react';
import { Button as AriaButton } from 'react-aria-components';
import type { Mode } from '../../shared/contract';
import { Button, IconButton, instantText, StatusPill, type StatusTone } from '../components';
import { useBalances } from '../state/balances';
import { useNavigation } from '../state/navigation';
import { useSession } from '../state/session';
import { openPalette } from './command-palette';

const modes: Readonly<Record<Mode, { word: string; meaning: string }>> = {
  sandbox: { word: 'SANDBOX', meaning: 'Embedded Stripe. No real money.' },
  test: { word: 'TEST', meaning: 'Stripe test mode. No real money.' },
  live: { word: 'LIVE', meaning: 'Real money.' },
};

const connections: Readonly<Record<string, { tone: StatusTone; word: string }>> = {
  online: { tone: 'good', word: 'Connected' },
  offline: { tone: 'attention', word: 'Offline' },
  'not-configured': { tone: 'neutral', word: 'Not connected' },
};

/** Mode, history, time of the figures, connection, palette, operator. The band of colour spans the window. */
export function TopBar() {
  const info = useSession((session) => session.info);
  const overview = useBalances((balances) => balances.overview);
  const { back, forward, go, past, future } = useNavigation();
  const mode = info === undefined ? undefined : modes[info.mode];
  const connection = connections[overview?.connection ?? ''];
  return (
    <header className="top-bar" data-mode={info?.mode}>
      <div className="mode" role="note" aria-label="Mode">
        <strong>{mode?.word ?? '…'}</strong>
      </div>
      <span className="mode-meaning">{mode?.meaning}</span>
      <div className="row top-bar-history">
        <IconButton
          label="Back (Alt+Left)"
          icon={<ArrowLeft size={16} />}
          isDisabled={past.length === 0}
          onPress={back}
        />
        <IconButton
          label="Forward (Alt+Right)"
          icon={<ArrowRight size={16} />}
          isDisabled={future.length === 0}
          onPress={forward}
        />
      </div>
      <span className="top-bar-space" />
      {overview !== undefined && (
        <>
          <span className="top-bar-time">
            {overview.asOf === null ? 'No reading yet' : `As of ${instantText(overview.asOf)}`}
          </span>
          {connection !== undefined && (
            <StatusPill tone={overview.stale && connection.tone === 'good' ? 'attention' : connection.tone}>
              {overview.stale && overview.connection === 'online' ? 'Figures are old' : connection.word}
            </StatusPill>
          )}
        </>
      )}
      <Button icon={<Search size={14} />} onPress={openPalette}>
        Go to… <kbd className="kbd">{info?.platform === 'darwin' ? '⌘K' : 'Ctrl K'}</kbd>
      </Button>
      {info !== undefined && (
        <AriaButton
          className="top-bar-operator"
          aria-label={info.operator === '' ? undefined : `Operator: ${info.operator}. Change the name`}
          onPress={() => go('settings', { tab: 'operator' })}
        >
          {info.operator === '' ? 'Set your name' : info.operator}
        </AriaButton>
      )}
    </header>
  );
}
