/** The icon beside the clock: Coffer goes on without a window while the schedule is on and the person chose so. */
import path from 'node:path';
import { Menu, nativeImage, Tray } from 'electron';

export interface TrayParts {
  readonly icons: string;
  readonly open: () => void;
  readonly quit: () => void;
}

export interface BackgroundTray {
  /** Whether closing the window leaves Coffer running. */
  readonly stays: () => boolean;
  stay(on: boolean): void;
}

export function backgroundTray({ icons, open, quit }: TrayParts): BackgroundTray {
  let tray: Tray | undefined;
  return {
    stays: () => tray !== undefined,
    stay(on) {
      if (on === (tray !== undefined)) return;
      if (!on) {
        tray?.destroy();
        tray = undefined;
        return;
      }
      tray = new Tray(nativeImage.createFromPath(path.join(icons, 'icon-24.png')));
      tray.setToolTip('Coffer');
      tray.setContextMenu(
        Menu.buildFromTemplate([
          { label: 'Open Coffer', click: open },
          { type: 'separator' },
          { label: 'Quit Coffer', click: quit },
        ]),
      );
      tray.on('click', open);
    },
  };
}
