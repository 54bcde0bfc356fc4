import { create } from 'zustand';
import type { FailureView } from '../../shared/contract';

export interface ToastView {
  readonly id: number;
  readonly tone: 'good' | 'bad' | 'neutral';
  readonly title: string;
  readonly detail: string;
}

interface Toasts {
  readonly toasts: readonly ToastView[];
  add(toast: Omit<ToastView, 'id'>): void;
  dismiss(id: number): void;
}

const atMost = 4;
let lastId = 0;

export const useToasts = create<Toasts>((set) => ({
  toasts: [],
  add: (toast) => {
    lastId += 1;
    const id = lastId;
    set(({ toasts }) => ({ toasts: [...toasts, { ...toast, id }].slice(-atMost) }));
  },
  dismiss: (id) => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })),
}));

/** Something was done. Errors that belong to a form stay in the form; do not toast them. */
export function tell(title: string, detail = ''): void {
  useToasts.getState().add({ tone: 'good', title, detail });
}

/** Something failed that has no place of its own on the screen. */
export function tellFailure(failure: FailureView): void {
  useToasts.getState().add({ tone: 'bad', title: failure.message, detail: failure.hint });
}
