/** What a dataset report looks like on the screen. */
import type { ImportPreview } from '../../../../shared/contract/data';
import type { PlainReport } from '../../../services/worker/heavy-work';

export function previewView(directory: string, report: PlainReport): ImportPreview {
  return {
    directory,
    valid: report.problemCount === 0,
    problems: report.problems.map((problem) => ({ ...problem })),
    problemCount: report.problemCount,
    notes: report.notes.slice(0, 100),
    period: report.policy?.period ?? null,
    counts: { ...report.counts },
    totals: [...report.totals].sort().map(([currency, total]) => ({
      currency,
      payments: String(total.payments),
      allocations: String(total.allocations),
      opening: String(total.opening),
    })),
    startsSandbox: report.stripeStart !== null,
  };
}
