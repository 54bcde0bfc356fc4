import type { MenuItemConstructorOptions } from 'electron';
import { expect, it, vi } from 'vitest';
import { menuTemplate } from '../../../electron/main/menu';

const actions = { navigate: vi.fn(), showLog: vi.fn() };

function flat(items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flat(item.submenu) : [])]);
}

it('leads to every screen', () => {
  const items = flat(menuTemplate('linux', true, actions)).filter(({ id }) => id?.startsWith('go-'));
  expect(items.map(({ id }) => id?.slice(3)).sort()).toEqual(
    'audit balances creators guide migration month-end payouts reconciliation revenue settings subscribers'.split(' '),
  );
  const accelerators = items.map(({ accelerator }) => accelerator);
  expect(new Set(accelerators).size).toBe(accelerators.length);
});

it('has no developer tools and no reload in a packaged build', () => {
  const roles = (packaged: boolean) => flat(menuTemplate('win32', packaged, actions)).map(({ role }) => role);
  expect(roles(false)).toContain('toggleDevTools');
  expect(roles(true)).not.toContain('toggleDevTools');
  expect(roles(true)).not.toContain('reload');
});

it('begins with the application menu on macOS only', () => {
  expect(menuTemplate('darwin', true, actions)[0]?.role).toBe('appMenu');
  expect(menuTemplate('linux', true, actions)[0]?.label).toBe('&File');
});
