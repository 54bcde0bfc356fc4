/** Many lines at Stripe on their way to the worker. */
import { currency } from '../../../shared/money/money';
import type { StripeLine } from '../../rails/segregation-rail';
import { inChunks, nextTurn } from '../../store/chunks';
import { type Kinds, type PackedTable, pack, unpack } from '../worker/packed';

/** A line as columns can hold it. */
interface PlainLine {
  readonly stripeId: string;
  readonly side: string;
  readonly type: string;
  readonly currency: string;
  readonly amount: bigint;
  /** Milliseconds since the epoch. */
  readonly createdAt: bigint;
  readonly hasSource: boolean;
  readonly source: string;
  readonly description: string;
}

const KINDS: Kinds<PlainLine> = {
  stripeId: 'text',
  side: 'text',
  type: 'text',
  currency: 'text',
  amount: 'amount',
  createdAt: 'amount',
  hasSource: 'flag',
  source: 'text',
  description: 'text',
};

export type PackedLines = readonly PackedTable<PlainLine>[];

/** So many are packed without a pause. */
const LINES_PER_PIECE = 2_000;

export async function packLines(lines: readonly StripeLine[]): Promise<PackedLines> {
  const pieces: PackedTable<PlainLine>[] = [];
  for (const some of inChunks(lines, LINES_PER_PIECE)) {
    const plain = some.map((line) => ({
      ...line,
      createdAt: BigInt(line.createdAt.getTime()),
      hasSource: line.source !== null,
      source: line.source ?? '',
    }));
    pieces.push(pack(plain, KINDS));
    await nextTurn();
  }
  return pieces;
}

export async function unpackLines(pieces: PackedLines): Promise<StripeLine[]> {
  const lines: StripeLine[] = [];
  for (const piece of pieces) {
    for (const { hasSource, ...line } of await unpack(piece)) {
      lines.push({
        ...line,
        side: line.side === 'storage' ? 'storage' : 'payments',
        currency: currency(line.currency),
        createdAt: new Date(Number(line.createdAt)),
        source: hasSource ? line.source : null,
      });
    }
  }
  return lines;
}
