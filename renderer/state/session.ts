/** What the frame knows of this run of the app: mode, operator, theme, unfinished runs, open alerts. */
import { create } from 'zustand';
import type { AppInfo, FailureView, RunProgress, SettingsView, UnfinishedRun } from '../../shared/contract';
import { call, on } from './coffer';
import { navigateTo } from './navigation';

interface Session {
  readonly info: AppInfo | undefined;
  readonly error: FailureView | undefined;
  readonly theme: SettingsView['theme'];
  readonly unfinished: readonly UnfinishedRun[];
  readonly alerts: { readonly open: number; readonly critical: number };
  readonly progress: Readonly<Partial<Record<RunProgress['run'], RunProgress>>>;
  /** Grows with every `data.changed` and `balances.changed`; tables load again when it does. */
  readonly revision: number;
  load(): Promise<void>;
}

export const useSession = create<Session>((set) => ({
  info: undefined,
  error: undefined,
  theme: 'system',
  unfinished: [],
  alerts: { open: 0, critical: 0 },
  progress: {},
  revision: 0,
  load: async () => {
    // It waits for the first answer of Stripe; the others do not.
    void loadUnfinished();
    const [info, settings, alerts] = await Promise.all([
      call('app.info'),
      call('settings.get'),
      call('alerts.list', { includeResolved: false }),
    ]);
    set((before) => ({
      info: info.ok ? info.value : before.info,
      error: info.ok ? undefined : info.error,
      theme: settings.ok ? settings.value.settings.theme : before.theme,
      alerts: alerts.ok
        ? { open: alerts.value.length, critical: alerts.value.filter((one) => one.severity === 'critical').length }
        : before.alerts,
    }));
  },
}));

/** Something on a screen changed what lists show: they ask again, as they do after `data.changed`. */
export function listsChanged(): void {
  useSession.setState(({ revision }) => ({ revision: revision + 1 }));
}

async function loadUnfinished(): Promise<void> {
  const unfinished = await call('app.unfinished');
  if (unfinished.ok) useSession.setState({ unfinished: unfinished.value });
}

/** Connects the session to the pushed events; call once. Returns the function that disconnects it. */
export function connectSession(): () => void {
  const { setState, getState } = useSession;
  const ends = [
    on('alerts.changed', (alerts) => setState({ alerts })),
    on('run.progress', (one) => setState(({ progress }) => ({ progress: { ...progress, [one.run]: one } }))),
    on('data.changed', () => {
      setState(({ revision }) => ({ revision: revision + 1 }));
      void getState().load();
    }),
    on('balances.changed', () => setState(({ revision }) => ({ revision: revision + 1 }))),
    on('migration.changed', () => void loadUnfinished()),
    on('monthEnd.changed', () => void loadUnfinished()),
    on('app.navigate', ({ screen }) => navigateTo(screen)),
  ];
  void getState().load();
  return () => {
    for (const end of ends) end();
  };
}
