import type { Measure } from '../harness';
import { audit } from './audit';
import { calculation } from './calculation';
import { close } from './close';
import { csvExport } from './exports';
import { growth } from './growth';
import { ipc } from './ipc';
import { lists } from './lists';
import { mainLoop } from './main-loop';
import { memory } from './memory';
import { payouts } from './payouts';
import { reconciliation } from './reconciliation';
import { start } from './start';

export const MEASURES: readonly Measure[] = [
  calculation,
  close,
  audit,
  csvExport,
  lists,
  payouts,
  reconciliation,
  start,
  ipc,
  memory,
  growth,
  mainLoop,
];
