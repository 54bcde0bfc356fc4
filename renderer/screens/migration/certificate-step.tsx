import { Download, Printer } from 'lucide-react';
import { useState } from 'react';
import type { CertificateView } from '../../../shared/contract';
import { amountsText, Banner, Button, counted, durationText, Failure, instantText, Skeleton } from '../../components';
import { useAction, useQuery } from '../../state/coffer';
import { useNavigation } from '../../state/navigation';
import { BeforeAfter } from './before-after';
import './certificate.css';
import { OperationsTable } from './operations-table';
import { StepPanel } from './step-panel';

/** The proof of the migration, on the screen and on paper. */
export function CertificateStep({ issued }: { readonly issued: boolean }) {
  const go = useNavigation((navigation) => navigation.go);
  const save = useAction('migration.saveCertificate');
  const certificate = useQuery('migration.certificate', undefined, { enabled: issued, reloadOn: [] });
  const { value, error, loading, reload } = certificate;
  const [savedTo, setSavedTo] = useState<string>();
  const saveFiles = async () => {
    const result = await save.run();
    if (result.ok && result.value !== null) setSavedTo(result.value.directory);
  };
  if (!issued || value === null) {
    return (
      <StepPanel title="Certificate" purpose="States before and after, every movement and every check.">
        <p>It is issued when the last check has passed.</p>
      </StepPanel>
    );
  }
  if (error !== undefined) return <Failure failure={error} onRetry={reload} />;
  if (loading || value === undefined) return <Skeleton label="Loading the certificate" height={420} />;
  return (
    <>
      <div className="certificate-bar row">
        <Button kind="primary" onPress={() => go('month-end', { period: value.period })}>
          Go to month end
        </Button>
        <Button icon={<Printer size={14} />} onPress={() => window.print()}>
          Print the certificate
        </Button>
        <Button icon={<Download size={14} />} isBusy={save.busy} onPress={saveFiles}>
          Save as PDF and JSON
        </Button>
        <span className="muted">Payments and Storage are separated. It is part of the binder of the period too.</span>
      </div>
      {save.error !== undefined && <Failure failure={save.error} />}
      {savedTo !== undefined && (
        <Banner tone="good" title="certificate.pdf and certificate.json were saved." live>
          <span className="saved-path">{savedTo}</span>
        </Banner>
      )}
      <Certificate certificate={value} />
    </>
  );
}

function Certificate({ certificate }: { readonly certificate: CertificateView }) {
  const moved = certificate.operations.filter((one) => one.kind !== 'compensate');
  const totals = new Map<string, bigint>();
  for (const one of moved) totals.set(one.currency, (totals.get(one.currency) ?? 0n) + BigInt(one.amount));
  const amounts = [...totals].map(([currency, amount]) => ({ currency, amount: String(amount) }));
  const facts: readonly (readonly [string, string])[] = [
    ['Period', certificate.period],
    ['Started', instantText(certificate.startedAt)],
    ['Completed', instantText(certificate.completedAt)],
    ['Duration', durationText(certificate.durationMs)],
    ['Approved by', certificate.approvedBy],
    ['Approved', instantText(certificate.approvedAt)],
  ];
  return (
    <article className="certificate" aria-labelledby="certificate-title">
      <header className="certificate-head">
        <div>
          <p className="certificate-kind">Coffer · {certificate.mode.toUpperCase()}</p>
          <h2 id="certificate-title">Certificate of migration</h2>
        </div>
        <dl className="certificate-number">
          <div>
            <dt>No.</dt>
            <dd>{certificate.id}</dd>
          </div>
          <div>
            <dt>Issued</dt>
            <dd>{instantText(certificate.issuedAt)}</dd>
          </div>
        </dl>
      </header>
      <p className="certificate-words">
        {moved.length === 0
          ? 'Storage already held what is owed to creators; no movement was needed.'
          : `${amountsText(amounts)} was moved from Payments to Storage in ${counted(moved.length, 'movement')}, each verified at both ends. Storage holds what is owed to creators, and every cent is accounted for.`}
        {certificate.mode !== 'live' && ` No real money was moved: this is a certificate of the ${certificate.mode}.`}
      </p>
      <dl className="certificate-facts">
        {facts.map(([name, words]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{words}</dd>
          </div>
        ))}
        <div className="certificate-hash">
          <dt>Approved plan (SHA-256)</dt>
          <dd>
            <code>{certificate.planHash}</code>
          </dd>
        </div>
      </dl>
      <section>
        <h3>Balances before and after</h3>
        <BeforeAfter before={certificate.before} after={certificate.after} bars={false} />
      </section>
      <section>
        <h3>Movements</h3>
        <OperationsTable operations={certificate.operations} count={certificate.operations.length} executed whole />
      </section>
      <section>
        <h3>Checks</h3>
        <ul className="certificate-checks">
          {certificate.checks.map((check) => (
            <li key={check.code}>
              <span>{check.outcome === 'pass' ? 'Passed' : 'Not passed'}</span>
              <strong>{check.title}</strong>
              <span>{check.detail}</span>
            </li>
          ))}
        </ul>
      </section>
      <footer className="certificate-foot">
        <div>
          <span>Signature</span>
        </div>
        <div>
          <span>Date and place</span>
        </div>
      </footer>
    </article>
  );
}
