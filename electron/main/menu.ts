/** The menu bar, in each platform's usual order. */
import type { MenuItemConstructorOptions } from 'electron';
import { guideScreen, type Screen, screens, settingsScreen } from './screens';

export interface MenuActions {
  readonly navigate: (screen: string) => void;
  readonly showLog: () => void;
}

export function menuTemplate(
  platform: NodeJS.Platform,
  packaged: boolean,
  { navigate, showLog }: MenuActions,
): MenuItemConstructorOptions[] {
  const mac = platform === 'darwin';
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  // An ampersand in a label marks a mnemonic and has to be doubled to be shown.
  const item = ({ id, label, accelerator }: Screen): MenuItemConstructorOptions => ({
    id: `go-${id}`,
    label: label.replace('&', '&&'),
    accelerator,
    click: () => navigate(id),
  });
  const settings = item(settingsScreen);

  const application: MenuItemConstructorOptions = {
    role: 'appMenu',
    submenu: [
      { role: 'about' },
      separator,
      settings,
      separator,
      { role: 'services' },
      separator,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      separator,
      { role: 'quit' },
    ],
  };
  const developer: MenuItemConstructorOptions[] = packaged
    ? []
    : [separator, { role: 'reload' }, { role: 'toggleDevTools' }];

  return [
    ...(mac ? [application] : []),
    { label: '&File', submenu: mac ? [{ role: 'close' }] : [settings, separator, { role: 'quit' }] },
    { label: '&Edit', role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        ...developer,
      ],
    },
    { label: '&Go', submenu: screens.map(item) },
    { label: '&Window', role: 'windowMenu' },
    {
      label: '&Help',
      role: 'help',
      submenu: [
        item(guideScreen),
        separator,
        { id: 'show-log', label: 'Show log', click: showLog },
        ...(mac ? [] : [separator, { role: 'about' } satisfies MenuItemConstructorOptions]),
      ],
    },
  ];
}
