/** The typed client of `window.coffer`, and the hooks by which screens read and act. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type {
  Args,
  ChannelName,
  CofferApi,
  EventName,
  EventPayload,
  FailureView,
  Reply,
  Result,
} from '../../shared/contract';

export const notReached: FailureView = {
  code: 'not-reached',
  message: 'Coffer did not answer.',
  hint: 'Try again. If it stays like this, close Coffer and open it again; nothing that was posted is lost.',
};

/** Channels without arguments are called without a second parameter. */
export type ArgsOf<C extends ChannelName> = Args<C> extends undefined ? [] : [args: Args<C>];

function api(): CofferApi {
  const found = window.coffer;
  if (found === undefined) throw new Error('The page was opened outside Coffer');
  return found;
}

const refusalListeners = new Set<(code: string) => void>();

/** Listens to the codes of refused calls: some concern the whole app (it is locked, it asks for the passphrase). */
export function onRefusal(listener: (code: string) => void): () => void {
  refusalListeners.add(listener);
  return () => refusalListeners.delete(listener);
}

/** Calls a channel. Never throws: what went wrong comes back as a `FailureView`. */
export async function call<C extends ChannelName>(channel: C, ...rest: ArgsOf<C>): Promise<Result<Reply<C>>> {
  const [args] = rest as [Args<C>];
  try {
    const result = await api().call(channel, args);
    if (!result.ok) for (const listener of refusalListeners) listener(result.error.code);
    return result;
  } catch {
    return { ok: false, error: notReached };
  }
}

/** Changes the value of a result, for example to take `page` out of a larger reply. */
export function mapResult<A, B>(result: Result<A>, change: (value: A) => B): Result<B> {
  return result.ok ? { ok: true, value: change(result.value) } : result;
}

/** Listens to a pushed event outside React; returns the function that ends it. */
export function on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void {
  return window.coffer === undefined ? () => undefined : window.coffer.on(event, listener);
}

/** Listens to a pushed event while the component is mounted. */
export function useEvent<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => on(event, (payload) => latest.current(payload)), [event]);
}

export interface Query<T> {
  /** The last value that arrived; stays while a reload runs or fails. */
  readonly value: T | undefined;
  readonly error: FailureView | undefined;
  /** Nothing has arrived yet. */
  readonly loading: boolean;
  /** A value is shown and a newer one is being asked for. */
  readonly refreshing: boolean;
  /** The value shown is not known to be current: the last reload failed, or it belongs to earlier arguments. */
  readonly stale: boolean;
  reload(): void;
  /** Puts a value that another call returned (for example an action's reply) in place without asking again. */
  set(value: T): void;
}

export interface QueryOptions {
  /** False: do not ask yet. */
  readonly enabled?: boolean;
  /** Events that make the query ask again. Default: `data.changed` and `balances.changed`. */
  readonly reloadOn?: readonly EventName[];
}

const defaultEvents: readonly EventName[] = ['data.changed', 'balances.changed'];

/**
 * Reads a channel, again whenever the arguments or the data change.
 * @example const creators = useQuery('creators.statement', { creatorId });
 */
export function useQuery<C extends ChannelName>(
  channel: C,
  args: Args<C>,
  { enabled = true, reloadOn = defaultEvents }: QueryOptions = {},
): Query<Reply<C>> {
  const key = `${channel} ${JSON.stringify(args) ?? ''}`;
  const [state, setState] = useState<{ key: string; value?: Reply<C>; error?: FailureView; asking: boolean }>({
    key,
    asking: enabled,
  });
  const latestArgs = useRef(args);
  latestArgs.current = args;
  const turn = useRef(0);

  const reload = useCallback(() => {
    turn.current += 1;
    const mine = turn.current;
    setState((before) => ({ ...before, asking: true }));
    call(channel, ...([latestArgs.current] as unknown as ArgsOf<C>)).then((result) => {
      if (mine !== turn.current) return;
      setState((before) =>
        result.ok ? { key, value: result.value, asking: false } : { ...before, error: result.error, asking: false },
      );
    });
  }, [channel, key]);

  useEffect(() => {
    if (!enabled) return;
    reload();
    return () => {
      turn.current += 1;
    };
  }, [enabled, reload]);

  const events = reloadOn.join(' ');
  useEffect(() => {
    if (!enabled || events === '') return;
    const ends = events.split(' ').map((event) => on(event as EventName, reload));
    return () => {
      for (const end of ends) end();
    };
  }, [enabled, events, reload]);

  const set = useCallback(
    (value: Reply<C>) => {
      turn.current += 1;
      setState({ key, value, asking: false });
    },
    [key],
  );

  const has = state.value !== undefined;
  return {
    value: state.value,
    error: state.error,
    loading: !has && state.error === undefined,
    refreshing: has && state.asking,
    stale: has && (state.error !== undefined || state.key !== key),
    reload,
    set,
  };
}

export interface Action<C extends ChannelName> {
  readonly busy: boolean;
  /** Why the last run failed; stays in place until the next run or `clear`. */
  readonly error: FailureView | undefined;
  run(...args: ArgsOf<C>): Promise<Result<Reply<C>>>;
  clear(): void;
}

/**
 * Does something through a channel; a second run while one is under way is ignored by `busy` buttons.
 * @example const hold = useAction('payouts.hold'); … await hold.run({ creatorId, reason });
 */
export function useAction<C extends ChannelName>(channel: C): Action<C> {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<FailureView>();
  const run = useCallback(
    async (...args: ArgsOf<C>) => {
      setBusy(true);
      setError(undefined);
      const result = await call(channel, ...args);
      setBusy(false);
      if (!result.ok) setError(result.error);
      return result;
    },
    [channel],
  );
  const clear = useCallback(() => setError(undefined), []);
  return { busy, error, run, clear };
}
