import type { Measure } from '../harness';
import { audit } from './audit';
import { calculation } from './calculation';
import { close } from './close';
import { csvExport } from './exports';
import { growth } from './growth';
import { lists } from './lists';
import { mainLoop } from './main-loop';
import { payouts } from './payouts';

export const MEASURES: readonly Measure[] = [calculation, close, audit, csvExport, lists, payouts, growth, mainLoop];
