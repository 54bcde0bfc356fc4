/** The app's worker from its source: a worker thread under plain Node needs the loader of its own. */
import { register } from 'tsx/esm/api';

register();
await import('../../electron/services/worker/worker.ts');
