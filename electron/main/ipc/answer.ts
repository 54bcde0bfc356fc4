/** One call from the renderer: arguments are parsed, the handler runs, its reply is parsed. Never throws. */
import { z } from 'zod';
import {
  type Args,
  type ChannelName,
  contract,
  type FailureView,
  type Handlers,
  type Reply,
  type Result,
} from '../../../shared/contract';

/** Turns what was thrown into what the person is told. */
export type Explain = (error: unknown, doing: string) => FailureView;

export async function answer<C extends ChannelName>(
  channel: C,
  handler: Handlers[C],
  raw: unknown,
  explain: Explain,
): Promise<Result<Reply<C>>> {
  const { args, reply } = schemas[channel];
  try {
    // Inside: a value that throws when it is looked at must not end in an unhandled rejection.
    const parsed = args.safeParse(raw);
    if (!parsed.success) return { ok: false, error: badRequest(parsed.error) };
    const value = await handler(parsed.data);
    return { ok: true, value: reply.parse(value) };
  } catch (error) {
    return { ok: false, error: explain(error, channel) };
  }
}

/** The contract's schemas under each channel's own types, which an index into the union of all channels would lose. */
const schemas: { readonly [C in ChannelName]: { args: z.ZodType<Args<C>>; reply: z.ZodType<Reply<C>> } } = contract;

function badRequest(error: z.ZodError): FailureView {
  const issue = error.issues[0];
  const where = issue && issue.path.length > 0 ? `${z.core.toDotPath(issue.path)}: ` : '';
  return {
    code: 'bad-request',
    message: 'What was entered is not in the form that Coffer expects.',
    hint: issue ? `${where}${issue.message}` : 'Check the entries and try again.',
  };
}
