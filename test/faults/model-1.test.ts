import { test } from 'vitest';
import { modelRuns, playModel } from './model';
import { LIMIT_MS, MODEL_COMMANDS } from './settings';

test(`${modelRuns} sequences of up to ${MODEL_COMMANDS} commands keep the books sound`, () => playModel(0), LIMIT_MS);
