import type { BooksState } from '../../shared/contract';
import { Banner, Button } from '../components';
import { useNavigation } from '../state/navigation';

/** On every screen until restored books were compared with Stripe. */
export function RestoredBooks({ restored }: { readonly restored: NonNullable<BooksState['restored']> }) {
  const place = useNavigation((navigation) => navigation.place);
  const go = useNavigation((navigation) => navigation.go);
  if (place.screen === 'settings' && place.params.tab === 'backups') return null;
  return (
    <Banner
      tone="attention"
      title="Restored books: compare them with Stripe"
      actions={
        <Button kind="primary" onPress={() => go('settings', { tab: 'backups' })}>
          Open Backups
        </Button>
      }
    >
      {restored.message} Nothing is paid, funded or released before.
    </Banner>
  );
}
