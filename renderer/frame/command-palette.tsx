import { lazy, Suspense, useEffect } from 'react';
import { Dialog, Modal, ModalOverlay } from 'react-aria-components';
import { create } from 'zustand';
import { whenIdle } from '../state/when-idle';

const usePalette = create<{ isOpen: boolean }>(() => ({ isOpen: false }));

export function openPalette(): void {
  usePalette.setState({ isOpen: true });
}

const loadContent = () => import('./palette-content');
const PaletteContent = lazy(async () => ({ default: (await loadContent()).PaletteContent }));

/** Ctrl+K or Cmd+K: type a few letters of a screen or a creator, Enter goes there. */
export function CommandPalette() {
  const isOpen = usePalette((palette) => palette.isOpen);
  useEffect(() => {
    // Not needed for the first screen, and there when somebody types.
    void whenIdle().then(loadContent);
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        usePalette.setState(({ isOpen: open }) => ({ isOpen: !open }));
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <ModalOverlay
      className="scrim palette-scrim"
      isOpen={isOpen}
      isDismissable
      onOpenChange={(open) => usePalette.setState({ isOpen: open })}
    >
      <Modal className="palette">
        <Dialog className="dialog" aria-label="Go to">
          <Suspense>
            <PaletteContent onGone={() => usePalette.setState({ isOpen: false })} />
          </Suspense>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
