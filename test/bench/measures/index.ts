import type { Measure } from '../harness';
import { calculation } from './calculation';
import { close } from './close';

export const MEASURES: readonly Measure[] = [calculation, close];
