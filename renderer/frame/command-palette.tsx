import { useEffect } from 'react';
import { Dialog, Modal, ModalOverlay } from 'react-aria-components';
import { create } from 'zustand';
import { PaletteContent } from './palette-content';

const usePalette = create<{ isOpen: boolean }>(() => ({ isOpen: false }));

export function openPalette(): void {
  usePalette.setState({ isOpen: true });
}

/** Ctrl+K or Cmd+K: type a few letters of a screen or a creator, Enter goes there. */
export function CommandPalette() {
  const isOpen = usePalette((palette) => palette.isOpen);
  useEffect(() => {
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
          <PaletteContent onGone={() => usePalette.setState({ isOpen: false })} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
