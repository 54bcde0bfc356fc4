import { useState } from 'react';
import type { RunProgress } from '../../../shared/contract';
import { useEvent } from '../../state/coffer';

/** What a run reports of itself while it is active; what an earlier run reported is forgotten. */
export function useRunProgress(run: RunProgress['run'], active: boolean): RunProgress | undefined {
  const [progress, setProgress] = useState<RunProgress>();
  const [wasActive, setWasActive] = useState(active);
  if (wasActive !== active) {
    setWasActive(active);
    setProgress(undefined);
  }
  useEvent('run.progress', (one) => {
    if (one.run === run) setProgress(one);
  });
  return active ? progress : undefined;
}
