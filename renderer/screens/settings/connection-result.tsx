import type { ConnectionReport } from '../../../shared/contract';
import { Banner, KeyValue, Panel, SimpleTable, StatusPill, type StatusTone } from '../../components';
import { modeNames } from './mode-switch';

type Permission = ConnectionReport['permissions'][number];

const access: Readonly<Record<Permission['access'], { tone: StatusTone; word: string; rank: number }>> = {
  refused: { tone: 'bad', word: 'Refused', rank: 0 },
  'not-tested': { tone: 'neutral', word: 'Not known', rank: 1 },
  granted: { tone: 'good', word: 'Granted', rank: 2 },
};

/** What Stripe answered to a key, in one sentence and the next step. */
export function ConnectionMessage({ report }: { readonly report: ConnectionReport }) {
  return (
    <Banner tone={toneOf(report)} title={report.message} live>
      {report.hint}
    </Banner>
  );
}

function toneOf({ ok, permissions }: ConnectionReport): 'good' | 'attention' | 'bad' {
  if (!ok) return 'bad';
  return permissions.some((one) => one.access === 'refused') ? 'attention' : 'good';
}

/** Whose account the key opens, where Storage is, and what the key may do; nothing when Stripe said none of it. */
export function ConnectionDetails({ report, title }: { readonly report: ConnectionReport; readonly title: string }) {
  const permissions = [...report.permissions].sort((a, b) => access[a.access].rank - access[b.access].rank);
  if (report.account === null && permissions.length === 0) return null;
  return (
    <Panel title={title} flush>
      {report.account !== null && (
        <div className="panel-body">
          <KeyValue
            items={[
              { label: 'Mode', value: modeNames[report.mode] },
              { label: 'Account', value: report.accountName ?? '—' },
              { label: 'Account id', value: <span className="key-code">{report.account}</span> },
              {
                label: 'Storage account',
                value:
                  report.storageAccount === null ? (
                    report.openStorageAccounts > 1 ? (
                      `${report.openStorageAccounts} are open: choose one`
                    ) : (
                      'None found'
                    )
                  ) : (
                    <span className="key-code">{report.storageAccount}</span>
                  ),
              },
            ]}
          />
        </div>
      )}
      {permissions.length > 0 && (
        <SimpleTable<Permission>
          caption="Permissions of the key"
          rows={permissions}
          rowKey={(one) => one.resource}
          columns={[
            { id: 'resource', header: 'Permission', cell: (one) => one.resource },
            {
              id: 'access',
              header: 'Answer',
              cell: (one) => <StatusPill tone={access[one.access].tone}>{access[one.access].word}</StatusPill>,
            },
            { id: 'meaning', header: 'What it means', cell: (one) => one.meaning },
          ]}
        />
      )}
    </Panel>
  );
}
