import { useEffect, useRef } from 'react';

/** From a list to a statement and back the screen stays the same: its new heading takes the focus, from the top. */
export function useFocusOnDrillDown(subject: string | undefined): void {
  const previous = useRef(subject);
  useEffect(() => {
    if (previous.current === subject) return;
    previous.current = subject;
    document.getElementById('screen')?.scrollTo(0, 0);
    document.getElementById('screen-title')?.focus();
  }, [subject]);
}
