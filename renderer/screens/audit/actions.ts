/** The actions of the audit log in plain words. An action that is not listed is shown with its own words. */
const words: Readonly<Record<string, string>> = {
  'alert.acknowledged': 'Acknowledged an alert',
  'alert.raised': 'Raised an alert',
  'alert.resolved': 'Resolved an alert',
  'balances.adopted': 'Took over the balances of Stripe',
  'binder.saved': 'Saved the close binder',
  'creator.held': 'Put a creator on hold',
  'creator.hold-released': 'Lifted the hold of a creator',
  'data.imported': 'Imported data',
  'exports.saved': 'Saved exports',
  'intent.canceled': 'Movement canceled',
  'intent.compensated': 'Movement taken back in full',
  'intent.failed': 'Movement failed',
  'intent.planned': 'Movement written down',
  'intent.posted': 'Movement posted',
  'intent.processing': 'Movement accepted by Stripe',
  'intent.returned': 'Movement came back',
  'intent.sending': 'Movement sent to Stripe',
  'intent.unknown': 'Outcome of a movement unknown',
  'migration.approved': 'Approved the migration',
  'migration.completed': 'Migration completed',
  'migration.executing': 'Migration started or resumed',
  'migration.planned': 'Made the dry run of the migration',
  'migration.rolled-back': 'Migration rolled back',
  'migration.rolling-back': 'Started to roll the migration back',
  'migration.stopped': 'Migration stopped',
  'migration.verifying': 'Verifying the migration',
  'month-end.approved': 'Approved the payouts',
  'month-end.calculated': 'Calculated the earnings',
  'month-end.closed': 'Closed the month',
  'month-end.funded': 'Funded, or approval lapsed',
  'month-end.lapsed': 'Unallocated funds lapsed',
  'month-end.locked': 'Locked the month',
  'month-end.paid': 'Payouts of the month ended',
  'month-end.paying': 'Started the payouts',
  'month-end.reconciled': 'Reconciled the month',
  'month-end.started': 'Began the month end',
  'period.reopened': 'Reopened the month',
  'period.opened': 'Opened the next month',
  'reconciliation.resolved': 'Explained an exception',
  'settings.changed': 'Changed the settings',
  'statements.saved': 'Saved the statements of creators',
  'warning.acknowledged': 'Acknowledged a warning',
};

export function actionWords(action: string): string {
  const known = words[action];
  if (known !== undefined) return known;
  const plain = action.replaceAll(/[.\-_]+/g, ' ');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
