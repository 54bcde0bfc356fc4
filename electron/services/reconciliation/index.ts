/**
 * Every line at Stripe against every entry of ours: matched, timing, or exception. Lines of the Payments balance that are not ours
 * (charges, fees, refunds…) are posted when they are seen; what is somebody else's waits for a person. docs/reconciliation.md.
 */
export { movementsWithoutLine, reconciledLines, reconciledMissing, reconciliationCounts } from './counts';
export { exceptionDetail, noteException, resolveException, takeException } from './exceptions';
export { ingestLines } from './ingest';
export { listLines, readLines, reconciliationRules } from './list';
export { type BalanceProof, monthProof, proveBalances, reconcile, reconciliationSummary } from './proof';
export { daysOfPeriod, proofByDay } from './proof-by-day';
export { CLASS_WORDS, withClass } from './words';
