/** What a process and all that it started take, as Linux tells it. Elsewhere the figures are zero. */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc are a hundredth of a second. */
const TICK_MS = 10;

/**
 * Megabytes of memory of all of them together. Pages of files (the program, its libraries) count once however many processes map them, so
 * that another Electron on the same machine does not change the figure; the rest counts by share (PSS), which only processes of one tree have.
 */
export function treeMegabytes(pid: number): number {
  const files = new Map<string, number>();
  let kilobytes = 0;
  for (const one of treeOf(pid)) {
    for (const { file, rss, pss, dirty } of mappings(one)) {
      if (file === null) kilobytes += pss;
      else {
        kilobytes += dirty;
        files.set(file, Math.max(files.get(file) ?? 0, rss - dirty));
      }
    }
  }
  return [...files.values()].reduce((sum, size) => sum + size, kilobytes) / 1_024;
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

interface Mapping {
  /** What of which file; null: memory of no file, or shared memory. */
  readonly file: string | null;
  /** Kilobytes: resident, by share, and of this process alone because it was written to. */
  readonly rss: number;
  readonly pss: number;
  readonly dirty: number;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_smaps.5.html */
function mappings(pid: number): Mapping[] {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/smaps`, 'utf8');
  } catch {
    return [];
  }
  return text.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).map((block) => {
    const [, offset, inode, name = ''] = /^\S+ \S+ (\S+) \S+ (\d+) *(.*)$/m.exec(block) ?? [];
    const kilobytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(block)?.[1] ?? 0);
    const ofFile = inode !== '0' && !/^\/(dev\/shm|memfd:)/.test(name);
    return {
      file: ofFile ? `${name} ${offset}` : null,
      rss: kilobytes('Rss'),
      pss: kilobytes('Pss'),
      dirty: kilobytes('Private_Dirty'),
    };
  });
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
