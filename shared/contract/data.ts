import { z } from 'zod';
import { channel, currencyCode, done, id, instant, minor, nothing, periodText } from './channel';

/** One problem of an input file: `file:line: column: what is wrong, what is expected`. Line 1 is the header row. */
export const inputProblem = z.strictObject({
  file: z.string(),
  line: z.int().min(0),
  column: z.string(),
  message: z.string(),
});
export type InputProblem = z.infer<typeof inputProblem>;

export const importPreview = z.strictObject({
  directory: z.string(),
  valid: z.boolean(),
  /** The first 500 problems; `problemCount` counts all of them. */
  problems: z.array(inputProblem).max(500),
  problemCount: z.int(),
  notes: z.array(z.string()).max(100),
  period: periodText.nullable(),
  counts: z.strictObject({
    creators: z.int(),
    subscribers: z.int(),
    payments: z.int(),
    allocations: z.int(),
    openings: z.int(),
  }),
  totals: z.array(z.strictObject({ currency: currencyCode, payments: minor, allocations: minor, opening: minor })),
  /** The directory has a stripe.json: the sandbox can start afresh from it. */
  startsSandbox: z.boolean(),
});
export type ImportPreview = z.infer<typeof importPreview>;

export const sandboxDataset = z.strictObject({ id, title: z.string(), description: z.string() });

export const dataSummary = z.strictObject({
  counts: importPreview.shape.counts,
  periods: z.array(periodText),
  lastImport: z.strictObject({ at: instant, source: z.string(), by: z.string() }).nullable(),
});

export const dataChannels = {
  'data.chooseDirectory': channel(nothing, z.strictObject({ directory: z.string() }).nullable()),
  'data.preview': channel(z.strictObject({ directory: z.string().min(1).max(4096) }), importPreview),
  /** `freshSandbox`: start the sandbox again from this dataset (sandbox only); otherwise add to the present data. */
  'data.import': channel(
    z.strictObject({ directory: z.string().min(1).max(4096), freshSandbox: z.boolean() }),
    importPreview,
  ),
  'data.summary': channel(nothing, dataSummary),
  'data.sandboxDatasets': channel(nothing, z.array(sandboxDataset)),
  'data.useSandboxDataset': channel(z.strictObject({ id }), done),
} as const;
