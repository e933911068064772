import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';

/** One line about the machine and how busy it is: rates mean little without. */
export function describeMachine(): string {
  const [cpu] = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} x ${cpu?.model ?? 'unknown processor'}, ${gib} GiB, load ${loadavg()[0]?.toFixed(2)}, Node ${process.version}`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/** Peak resident memory of a process in MB; null where the system does not tell (all but Linux). */
export function peakMemoryMb(pid: number | 'self'): number | null {
  try {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found ? Math.round(Number(found[1]) / 1024) : null;
  } catch {
    return null; // the process has ended, or there is no /proc
  }
}

/** The largest peak among the renderer processes that this process started. */
export function rendererPeakMb(): number | null {
  const peaks = rendererIds().map((pid) => peakMemoryMb(pid) ?? 0);
  return peaks.length > 0 ? Math.max(...peaks) : null;
}

/** Milliseconds of the processor that all processes of browsers we started have taken; NaN where the system does not tell. */
export function browsersProcessorMs(): number {
  try {
    const ids = readdirSync('/proc').map(Number).filter(Boolean);
    const ticks = ids.filter((pid) => pid !== process.pid && isOurs(pid)).map(ticksOf);
    return ticks.reduce((sum, own) => sum + own, 0) * tickMs;
  } catch {
    return NaN; // no /proc
  }
}

/** Of Linux, on every machine that we know. */
const tickMs = 10;

function ticksOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0; // ended meanwhile
  }
}

function rendererIds(): number[] {
  try {
    const ids = readdirSync('/proc').map(Number).filter(Boolean);
    return ids.filter((pid) => isOurRenderer(pid));
  } catch {
    return []; // no /proc
  }
}

function isOurRenderer(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer') && isOurs(pid);
  } catch {
    return false; // ended meanwhile
  }
}

/** Whether this process started it, or one that it started. */
function isOurs(pid: number): boolean {
  try {
    for (let id = pid; id > 1; id = parentOf(id)) if (id === process.pid) return true;
  } catch {
    // ended meanwhile
  }
  return false;
}

function parentOf(pid: number): number {
  return Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}
