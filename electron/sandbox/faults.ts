import type { FaultRecord } from './state/records';
import type { SandboxState } from './state/state';

export type FaultKind = FaultRecord['kind'];

/** The faults that hit one request. */
export class ActiveFaults {
  constructor(private readonly rows: readonly FaultRecord[]) {}

  get(kind: FaultKind): FaultRecord | undefined {
    return this.rows.find((row) => row.kind === kind);
  }
}

/** Counts the request against every rule it matches. Inside a unit of work. */
export function takeFaults(state: SandboxState, method: string, pathname: string): ActiveFaults {
  const active: FaultRecord[] = [];
  for (const row of [...state.faults.values()]) {
    if (!matches(row, method, pathname)) continue;
    const seen = row.seen + 1;
    const hit = seen >= row.nth && row.fired < row.times;
    state.faults.put({ ...row, seen, fired: row.fired + (hit ? 1 : 0) });
    if (hit) active.push(row);
  }
  return new ActiveFaults(active);
}

function matches(row: FaultRecord, method: string, pathname: string): boolean {
  if (row.method !== null && row.method !== method) return false;
  if (row.path === null) return true;
  return row.path.startsWith('^') ? new RegExp(row.path).test(pathname) : pathname.startsWith(row.path);
}

/** The body as if the object belonged to live mode. */
export function flipLivemode(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(flipLivemode);
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, name === 'livemode' ? true : flipLivemode(value)]),
  );
}
