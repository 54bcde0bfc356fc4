import { useEffect } from 'react';

/** Components of dialogs give the focus back by themselves, a little after they are gone. */
const patience = 60;

/**
 * A control that goes away while it has the focus (a step's button once the step is done) would leave the keyboard nowhere.
 * The focus then goes to what was around it: the nearest region that is still there and takes focus, else the heading of the screen.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let around: readonly Element[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const remember = ({ target }: FocusEvent) => {
      around = target instanceof Element ? [...ancestors(target)] : [];
    };
    const keep = () => {
      const [focused] = around;
      if (focused === undefined || focused.isConnected || document.activeElement !== document.body) return;
      const region = around.find((one) => one.isConnected && one.hasAttribute('tabindex'));
      const heading = document.getElementById('screen-title');
      const next = region?.id === 'screen' || region === undefined ? (heading ?? region) : region;
      if (next instanceof HTMLElement) next.focus({ preventScroll: true });
    };
    const watcher = new MutationObserver(() => {
      if (document.activeElement !== document.body) return;
      clearTimeout(timer);
      timer = setTimeout(keep, patience);
    });
    document.addEventListener('focusin', remember);
    watcher.observe(document.body, { childList: true, subtree: true });
    return () => {
      clearTimeout(timer);
      document.removeEventListener('focusin', remember);
      watcher.disconnect();
    };
  }, []);
}

function* ancestors(element: Element): Generator<Element> {
  for (let one: Element | null = element; one !== null && one !== document.body; one = one.parentElement) yield one;
}
