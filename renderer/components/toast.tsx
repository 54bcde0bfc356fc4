import { X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type ToastView, useToasts } from '../state/toasts';
import { IconButton } from './icon-button';
import { StatusShape } from './status-pill';
import './toast.css';

const showFor = 4_000;

function Toast({ toast }: { readonly toast: ToastView }) {
  const dismiss = useToasts((toasts) => toasts.dismiss);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    // A failure stays until the person has read it, any other while the pointer or the focus is on it.
    if (toast.tone === 'bad' || held) return;
    const timer = setTimeout(() => dismiss(toast.id), showFor);
    return () => clearTimeout(timer);
  }, [toast, held, dismiss]);
  return (
    <li
      className={`toast tone-${toast.tone}`}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <StatusShape tone={toast.tone} size={16} />
      <div className="toast-words">
        <strong>{toast.title}</strong>
        {toast.detail !== '' && <p>{toast.detail}</p>}
      </div>
      <IconButton label="Dismiss" icon={<X size={14} />} onPress={() => dismiss(toast.id)} />
    </li>
  );
}

/** The region of toasts; the frame has one. Add with `tell` and `tellFailure`. */
export function ToastRegion() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <section aria-label="Messages" aria-live="polite">
      <ul className="toasts">
        {toasts.map((toast) => (
          <Toast key={toast.id} toast={toast} />
        ))}
      </ul>
    </section>
  );
}
