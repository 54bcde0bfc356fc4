/** Whether the app is locked, and whether it asks for the passphrase before live money is moved. */
import { create } from 'zustand';
import type { LockView } from '../../shared/contract';
import { call, on, onRefusal } from './coffer';
import { useSession } from './session';

interface Lock {
  readonly view: LockView | undefined;
  /** A call was refused until the passphrase is given again. */
  readonly asking: boolean;
}

export const useLock = create<Lock>(() => ({ view: undefined, asking: false }));

/** Connects to the pushed events; call once. Returns the function that disconnects. */
export function connectLock(): () => void {
  const load = () =>
    void call('lock.status').then((status) => {
      if (status.ok) useLock.setState({ view: status.value });
    });
  const ends = [
    on('lock.changed', (view) => {
      const wasLocked = useLock.getState().view?.locked === true;
      useLock.setState({ view });
      // While it was locked nothing was answered.
      if (wasLocked && !view.locked) void useSession.getState().load();
    }),
    onRefusal((code) => {
      if (code === 'authenticate') useLock.setState({ asking: true });
      if (code === 'locked') load();
    }),
  ];
  load();
  return () => {
    for (const end of ends) end();
  };
}
