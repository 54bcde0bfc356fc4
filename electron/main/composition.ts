/** Puts shell and services together: which host answers now, and what happens when the mode changes. */
import {
  type Args,
  type ChannelName,
  contract,
  type Handlers,
  type Mode,
  type Reply,
  type UnfinishedRun,
} from '../../shared/contract';
import { CofferError } from '../../shared/domain/coffer-error';
import { type AppFacts, appHandlers } from './handlers/app-handlers';
import { lockHandlers } from './handlers/lock-handlers';
import type { Log } from './logging';
import type { AppState, Modes } from './modes';
import type { AppLock } from './people/app-lock';
import { needsFreshPassphrase, requireRole } from './people/roles';
import type { ServiceChannel, ServiceHandlers, ServiceHost, ShellHandlers } from './service-host';
import { withinLimit } from './time-limit';

const closeLimitMs = 60_000;

export interface CompositionParts {
  readonly modes: Modes;
  readonly facts: AppFacts;
  readonly secretsHandlers: Pick<ShellHandlers, Extract<ChannelName, `secrets.${string}`>>;
  readonly openHost: (mode: Mode) => Promise<ServiceHost>;
  readonly refuseLive: () => void;
  readonly lock: AppLock;
  /** After a change of mode: title and content of the window. Called once the reply is on its way. */
  readonly showMode: (mode: Mode) => void;
  readonly log: Pick<Log, 'info' | 'error'>;
}

export interface Composition {
  readonly handlers: Handlers;
  /**
   * Opens the host of the present mode, unless the person has still to say who they are: nothing is audited before. A failure is not
   * thrown: every call of a service answers with it.
   */
  start(): Promise<void>;
  stripeKeyChanged(mode: Mode): void;
  close(): Promise<void>;
}

export function compose(parts: CompositionParts): Composition {
  const { modes, log } = parts;
  let host: Promise<ServiceHost> | undefined;
  let opened: ServiceHost | undefined;
  let switching = false;

  function open(mode: Mode): Promise<ServiceHost> {
    log.info(`opening ${mode}`);
    const opening = parts.openHost(mode).then((ready) => {
      opened = ready;
      return ready;
    });
    host = opening;
    opening.catch((error: unknown) => log.error(`the services of ${mode} did not open`, error));
    return opening;
  }

  async function close(): Promise<void> {
    const closing = await host?.catch(() => undefined);
    host = undefined;
    opened = undefined;
    await closing?.close();
  }

  function current(): Promise<ServiceHost> {
    if (host && !switching) return host;
    if (!modes.current().welcomed) {
      throw new CofferError(
        'operator-first',
        'Nobody said yet who works here.',
        'Write your name, then choose where to start.',
      );
    }
    throw new CofferError('not-open', 'Coffer is opening or closing its books.', 'Wait a moment and try again.');
  }

  async function setMode(mode: Mode): Promise<void> {
    if (mode === modes.current().mode) return;
    if (mode === 'live') parts.refuseLive();
    if (!modes.current().welcomed) await current();
    if (switching) throw new CofferError('busy', 'Coffer is already changing its mode.', 'Wait a moment.');
    switching = true;
    try {
      if (!(await withinLimit(close(), closeLimitMs))) {
        throw new CofferError(
          'mode-still-open',
          'The present books could not be closed in time; something is still under way.',
          'Quit Coffer, open it again, and look at what is unfinished.',
        );
      }
      await modes.update({ mode });
      // It may fail; then the new mode says why on its own screens, and the person can go back.
      await open(mode).catch(() => undefined);
    } finally {
      switching = false;
      if (!host) open(modes.current().mode).catch(() => undefined);
    }
    setImmediate(() => parts.showMode(mode));
  }

  /** Who the operator is and what they may do is part of the proof. Books that cannot be opened do not stand in the way. */
  async function noteChange(before: AppState): Promise<void> {
    const { operator, role, hasPassphrase } = modes.current();
    if (before.operator !== operator)
      await opened?.note?.('operator.renamed', { before: before.operator, after: operator });
    if (before.role !== role) await opened?.note?.('operator.role', { before: before.role, after: role });
    if (before.hasPassphrase !== hasPassphrase) await opened?.note?.('operator.passphrase', { set: hasPassphrase });
  }

  /** The first start: the books are opened only now, under the name that was given. */
  async function welcome(): Promise<void> {
    if (modes.current().welcomed) return;
    await modes.update({ welcomed: true });
    const { mode, operator, role } = modes.current();
    open(mode)
      .then((ready) => ready.note?.('operator.named', { name: operator, role }))
      .catch((error: unknown) => log.error('the name of the operator was not noted', error));
  }

  const unfinished = async (): Promise<UnfinishedRun[]> => (await current()).unfinished();

  return {
    handlers: guarded(
      {
        ...serviceHandlers(current),
        ...parts.secretsHandlers,
        ...lockHandlers(parts.lock),
        ...appHandlers({ modes, facts: parts.facts, setMode, welcome, unfinished }),
      },
      parts.lock,
      modes,
      noteChange,
    ),
    start: async () => {
      if (modes.current().welcomed) await open(modes.current().mode).catch(() => undefined);
    },
    stripeKeyChanged(mode) {
      if (mode === modes.current().mode) opened?.stripeKeyChanged?.();
    },
    close,
  };
}

const isServiceChannel = (name: string): name is ServiceChannel => !/^(app|secrets|lock)\./.test(name);

/** What answers while the app is locked: who is here, and the way back in. */
const WHILE_LOCKED: readonly ChannelName[] = ['app.info', 'lock.status', 'lock.unlock', 'lock.now'];

const ABOUT_THE_PERSON: readonly ChannelName[] = ['app.setOperator', 'lock.setRole', 'lock.setPassphrase'];

/** Every call passes here: the lock, the role of the operator, and for live money a fresh authentication. */
function guarded(
  handlers: Handlers,
  lock: AppLock,
  modes: Pick<Modes, 'current'>,
  changed: (before: AppState) => Promise<void>,
): Handlers {
  const guard =
    <C extends ChannelName>(channel: C, handler: Handlers[C]) =>
    async (args: Args<C>): Promise<Reply<C>> => {
      if (!WHILE_LOCKED.includes(channel)) lock.requireUnlocked();
      requireRole(lock.role(), channel, args);
      const before = modes.current();
      if (before.mode === 'live' && needsFreshPassphrase(channel, args)) lock.requireFresh();
      const reply = await handler(args);
      if (ABOUT_THE_PERSON.includes(channel)) await changed(before);
      return reply;
    };
  const names = Object.keys(handlers) as ChannelName[];
  return Object.fromEntries(names.map((name) => [name, guard(name, handlers[name] as never)])) as unknown as Handlers;
}

/** Handlers that ask for the host at the moment of the call: it may not be open yet, and changes with the mode. */
function serviceHandlers(current: () => Promise<ServiceHost>): ServiceHandlers {
  const late =
    <C extends ServiceChannel>(channel: C) =>
    async (args: Args<C>): Promise<Reply<C>> => {
      const { handlers } = await current();
      return handlers[channel](args);
    };
  const names = Object.keys(contract).filter(isServiceChannel);
  return Object.fromEntries(names.map((name) => [name, late(name)])) as unknown as ServiceHandlers;
}
