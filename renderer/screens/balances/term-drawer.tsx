import { lazy, Suspense } from 'react';
import type { CoverageTerm } from '../../../shared/contract';
import { Drawer, Skeleton } from '../../components';

const TermLines = lazy(async () => ({ default: (await import('./term-lines')).TermLines }));

const titles: Readonly<Record<CoverageTerm, string>> = {
  payments: 'Payments, available and pending',
  'storage-available': 'Storage available',
  'inbound-pending': 'Inbound pending',
  'outbound-pending': 'Outbound pending',
  owed: 'Owed to creators and suspense',
  difference: 'Difference',
};

interface TermDrawerProps {
  readonly term: CoverageTerm | undefined;
  readonly currency: string;
  readonly onClose: () => void;
}

/** The lines that a term of the equation consists of, with their sum. */
export function TermDrawer({ term, currency, onClose }: TermDrawerProps) {
  return (
    <Drawer
      isOpen={term !== undefined}
      onClose={onClose}
      width={760}
      title={term === undefined ? '' : `${titles[term]}, ${currency.toUpperCase()}`}
    >
      {term !== undefined && (
        <Suspense fallback={<Skeleton label="Loading the lines" height={320} />}>
          <TermLines key={`${term} ${currency}`} term={term} title={titles[term]} currency={currency} />
        </Suspense>
      )}
    </Drawer>
  );
}
