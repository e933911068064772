import { rmSync } from 'node:fs';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';

const ownerSchema = z.object({ pid: z.int().positive(), host: z.string(), since: z.string() });

/** The locks of this process: a lock file with its number but not in here is from an earlier process. */
const held = new Set<string>();

/** A lock file is made and filled in two steps; one that stays empty for longer has lost its process. */
const emptyForMs = 10_000;

/**
 * Takes a lock that other processes see: a file that names its owner. The lock of a process that has ended is
 * taken over. Null when another holds it; `onNote` then says who.
 */
export async function takeLock(
  folder: string,
  name: string,
  onNote: (sentence: string) => void,
): Promise<(() => void) | null> {
  const path = resolve(folder, `${encodeURIComponent(name)}.lock`);
  if (held.has(path)) return null;
  held.add(path);
  let isTaken = false;
  try {
    isTaken = (await createLock(path)) || ((await setStaleAside(path, onNote)) && (await createLock(path)));
  } finally {
    if (!isTaken) held.delete(path);
  }
  if (!isTaken) return null;
  return () => {
    // Only once: the next owner may have it by the second call.
    if (isTaken && held.delete(path)) rmSync(path, { force: true });
    isTaken = false;
  };
}

async function createLock(path: string): Promise<boolean> {
  const owner = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  try {
    await writeFile(path, JSON.stringify(owner), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock file when its owner has ended. Two processes may try this at once: only one succeeds. */
async function setStaleAside(path: string, onNote: (sentence: string) => void): Promise<boolean> {
  const aside = `${path}.stale-${process.pid}`;
  try {
    const text = await readFile(path, 'utf8');
    if (!(await isStale(path, text, onNote))) return false;
    await rename(path, aside);
    const isOther = (await readFile(aside, 'utf8')) !== text;
    // Another process took the stale lock over in between: it gets its own lock back.
    await (isOther ? rename(aside, path) : rm(aside));
    return !isOther;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return true;
    throw error;
  }
}

async function isStale(path: string, text: string, onNote: (sentence: string) => void): Promise<boolean> {
  const owner = ownerSchema.safeParse(parse(text));
  if (!owner.success) return Date.now() - (await stat(path)).mtimeMs > emptyForMs;
  const { pid, host, since } = owner.data;
  const isOurs = host === hostname();
  if (isOurs && (pid === process.pid || !isAlive(pid))) return true;
  onNote(
    `Process ${pid} on ${host} has held ${path} since ${since}. If it no longer runs, delete that file.`,
  );
  return false;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
