export { Drawer, type DrawerProps } from './dialog';
