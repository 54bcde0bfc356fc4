import { useSession } from '../../state/session';

/** Something on this screen changed what lists show: they ask again, as they do after `data.changed`. */
export function listsChanged(): void {
  useSession.setState(({ revision }) => ({ revision: revision + 1 }));
}
