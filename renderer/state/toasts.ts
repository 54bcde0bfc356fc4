import { create } from 'zustand';
import type { FailureView } from '../../shared/contract';
import { useNavigation } from './navigation';

export interface ToastView {
  readonly id: number;
  readonly tone: 'good' | 'bad';
  readonly title: string;
  readonly detail: string;
}

interface Toasts {
  /** At most one of each tone: the newest says what the person just did, an older one would only cover the screen. */
  readonly toasts: readonly ToastView[];
  add(toast: Omit<ToastView, 'id'>): void;
  dismiss(id: number): void;
}

let lastId = 0;

export const useToasts = create<Toasts>((set) => ({
  toasts: [],
  add: (toast) => {
    lastId += 1;
    const id = lastId;
    set(({ toasts }) => ({ toasts: [...toasts.filter((one) => one.tone !== toast.tone), { ...toast, id }] }));
  },
  dismiss: (id) => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })),
}));

/** What was done belongs to its screen, and goes with it; a failure stays until it is dismissed. */
useNavigation.subscribe(({ place }, before) => {
  if (place.screen === before.place.screen) return;
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.tone === 'bad') }));
});

/** Something was done. Errors that belong to a form stay in the form; do not toast them. */
export function tell(title: string, detail = ''): void {
  useToasts.getState().add({ tone: 'good', title, detail });
}

/** Something failed that has no place of its own on the screen. */
export function tellFailure(failure: FailureView): void {
  useToasts.getState().add({ tone: 'bad', title: failure.message, detail: failure.hint });
}
