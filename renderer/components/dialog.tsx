import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import './dialog.css';
import { useCancelFirst } from './button-order';
import { IconButton } from './icon-button';

export interface DialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly children: ReactNode;
  /** The Cancel or Close button. */
  readonly cancel?: ReactNode;
  /** The button that acts. The dialog puts both on the platform's proper side. */
  readonly action?: ReactNode;
  /** An alert dialog does not close by a click outside. */
  readonly role?: 'dialog' | 'alertdialog';
  readonly width?: number;
}

/** A modal dialog: traps focus, closes with Escape, gives focus back. */
export function Dialog(props: DialogProps) {
  const { isOpen, onClose, title, children, cancel, action, role = 'dialog', width = 480 } = props;
  const cancelFirst = useCancelFirst();
  return (
    <ModalOverlay
      className="scrim"
      isOpen={isOpen}
      isDismissable={role === 'dialog'}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className="dialog-modal" style={{ width }}>
        <AriaDialog className="dialog" role={role}>
          <header className="dialog-header">
            <Heading slot="title" level={2}>
              {title}
            </Heading>
          </header>
          <div className="dialog-body">{children}</div>
          {(cancel !== undefined || action !== undefined) && (
            <footer className="dialog-footer">
              {cancelFirst ? cancel : action}
              {cancelFirst ? action : cancel}
            </footer>
          )}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

export interface DrawerProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly children: ReactNode;
  readonly width?: number;
}

/** A sheet from the right for the detail of something on the screen. */
export function Drawer({ isOpen, onClose, title, children, width = 640 }: DrawerProps) {
  return (
    <ModalOverlay
      className="scrim scrim-drawer"
      isOpen={isOpen}
      isDismissable
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className="drawer-modal" style={{ width }}>
        <AriaDialog className="dialog drawer">
          <header className="dialog-header">
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            <IconButton label="Close" icon={<X size={16} />} onPress={onClose} />
          </header>
          <div className="dialog-body">{children}</div>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
