import type { CertificateView } from '../../../shared/contract';
import {
  AmountCell,
  Button,
  durationText,
  EmptyState,
  Failure,
  instantText,
  KeyValue,
  Panel,
  ScreenLink,
  SimpleTable,
  Skeleton,
} from '../../components';
import { useQuery } from '../../state/coffer';
import { useNavigation } from '../../state/navigation';

/** The certificate of the migration in short; the whole of it is on the Migration screen. */
export function CertificateSummary() {
  const query = useQuery('migration.certificate', undefined, {
    reloadOn: ['data.changed', 'migration.changed'],
  });
  const go = useNavigation((navigation) => navigation.go);
  if (query.error !== undefined) return <Failure failure={query.error} onRetry={query.reload} />;
  if (query.value === undefined) return <Skeleton label="Loading the certificate" height={240} />;
  if (query.value === null) {
    return (
      <Panel>
        <EmptyState title="There is no certificate yet">
          A migration that is completed and verified issues one. Open the{' '}
          <ScreenLink to="migration">Migration</ScreenLink> screen to see where it stands.
        </EmptyState>
      </Panel>
    );
  }
  const certificate = query.value;
  return (
    <Panel
      title={`Certificate ${certificate.id}`}
      actions={<Button onPress={() => go('migration')}>Open the certificate on Migration</Button>}
    >
      <KeyValue
        items={[
          { label: 'Issued', value: instantText(certificate.issuedAt) },
          { label: 'Mode', value: certificate.mode.toUpperCase() },
          { label: 'Period', value: certificate.period },
          { label: 'Approved by', value: `${certificate.approvedBy}, ${instantText(certificate.approvedAt)}` },
          { label: 'Duration', value: durationText(certificate.durationMs) },
          { label: 'Movements', value: certificate.operations.length.toLocaleString('en') },
          { label: 'Checks', value: checksText(certificate) },
          { label: 'Approved plan (SHA-256)', value: <span className="audit-code">{certificate.planHash}</span> },
        ]}
      />
      <div className="certificate-pairs">
        <SimpleTable
          caption="Balances before and after the migration"
          rows={pairs(certificate)}
          rowKey={(row) => row.key}
          columns={[
            { id: 'currency', header: 'Currency', cell: (row) => row.currency.toUpperCase() },
            { id: 'when', header: 'When', cell: (row) => row.when },
            {
              id: 'payments',
              header: 'Payments',
              align: 'end',
              cell: (row) => <AmountCell value={row.payments} currency={row.currency} tone="payments" />,
            },
            {
              id: 'storage',
              header: 'Storage',
              align: 'end',
              cell: (row) => <AmountCell value={row.storage} currency={row.currency} tone="storage" />,
            },
            {
              id: 'obligations',
              header: 'Owed',
              align: 'end',
              cell: (row) => <AmountCell value={row.obligations} currency={row.currency} />,
            },
          ]}
        />
      </div>
    </Panel>
  );
}

function checksText({ checks }: CertificateView): string {
  const passed = checks.filter((check) => check.outcome === 'pass').length;
  return `${passed} of ${checks.length} passed`;
}

function pairs(certificate: CertificateView) {
  return certificate.before.flatMap((before) => {
    const after = certificate.after.find((one) => one.currency === before.currency);
    return [
      { ...before, key: `${before.currency} before`, when: 'Before' },
      ...(after === undefined ? [] : [{ ...after, key: `${before.currency} after`, when: 'After' }]),
    ];
  });
}
