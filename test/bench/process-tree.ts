/** What a process and all that it started take, as Linux tells it. Elsewhere the figures are zero. */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc are a hundredth of a second. */
const TICK_MS = 10;

/** Megabytes of memory, shared pages counted by their share (PSS). */
export function treeMegabytes(pid: number): number {
  return treeOf(pid).reduce((sum, one) => sum + proportionalKilobytes(one), 0) / 1_024;
}

function treeOf(pid: number): number[] {
  let children: number[] = [];
  try {
    children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    // It ended meanwhile.
  }
  return [pid, ...children.flatMap(treeOf)];
}

function proportionalKilobytes(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Milliseconds of processor time so far, of those that still run. */
export function treeProcessorMs(pid: number): number {
  return treeOf(pid).reduce((sum, one) => sum + ticks(one), 0) * TICK_MS;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields 14 and 15, after a name that may contain anything. */
function ticks(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}
