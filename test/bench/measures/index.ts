import type { Measure } from '../harness';
import { calculation } from './calculation';

export const MEASURES: readonly Measure[] = [calculation];
