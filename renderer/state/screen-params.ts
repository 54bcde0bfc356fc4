import { type Params, useNavigation } from './navigation';

/** The parameters of the present screen, and a change of some of them that adds no step to the history; undefined removes one. */
export function useScreenParams(): readonly [Params, (changes: Readonly<Record<string, string | undefined>>) => void] {
  const params = useNavigation((navigation) => navigation.place.params);
  return [params, changeParams];
}

function changeParams(changes: Readonly<Record<string, string | undefined>>): void {
  const { place, setParams } = useNavigation.getState();
  const next: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...place.params, ...changes })) {
    if (value !== undefined) next[name] = value;
  }
  setParams(next);
}
