import { PageHeader, Tabs } from '../../components';
import { screenTitles, useNavigation } from '../../state/navigation';
import './audit.css';
import { AuditLog } from './audit-log';
import { CertificateSummary } from './certificate-summary';
import { Exports } from './exports';
import { Verification } from './verification';

/** Can I prove it: the files of a month, the log of everything that was done, its verification, the certificate. */
export default function AuditScreen() {
  const place = useNavigation((navigation) => navigation.place);
  const setParams = useNavigation((navigation) => navigation.setParams);
  return (
    <>
      <PageHeader
        title={screenTitles.audit}
        subtitle="What was done, by whom, and the files that prove it. Works without a network."
      />
      <Tabs
        label="Parts of Audit & exports"
        grows
        selected={place.params.tab ?? 'exports'}
        onSelect={(tab) => setParams({ ...place.params, tab })}
        tabs={[
          { id: 'exports', title: 'Exports', content: <Exports /> },
          { id: 'log', title: 'Audit log', content: <AuditLog /> },
          { id: 'verification', title: 'Verification', content: <Verification /> },
          { id: 'certificate', title: 'Certificate', content: <CertificateSummary /> },
        ]}
      />
    </>
  );
}
