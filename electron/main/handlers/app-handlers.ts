import type { AppInfo, ChannelName, Mode, UnfinishedRun } from '../../../shared/contract';
import type { Modes } from '../modes';
import type { ShellHandlers } from '../service-host';

export type AppFacts = Pick<AppInfo, 'version' | 'runtime' | 'platform'>;

export interface AppHandlerParts {
  readonly modes: Modes;
  readonly facts: AppFacts;
  readonly setMode: (mode: Mode) => Promise<void>;
  readonly welcome: () => Promise<void>;
  readonly unfinished: () => Promise<UnfinishedRun[]>;
}

export function appHandlers({
  modes,
  facts,
  setMode,
  welcome,
  unfinished,
}: AppHandlerParts): Pick<ShellHandlers, Extract<ChannelName, `app.${string}`>> {
  return {
    'app.info': async () => {
      const { mode, operator, welcomed } = modes.current();
      return { ...facts, mode, operator, welcomed };
    },
    'app.setMode': async ({ mode }) => {
      await setMode(mode);
      return null;
    },
    'app.setOperator': async ({ name }) => {
      await modes.update({ operator: name });
      return null;
    },
    'app.welcomed': async () => {
      await welcome();
      return null;
    },
    'app.unfinished': unfinished,
  };
}
