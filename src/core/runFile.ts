import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { describeIssue, fieldName, issuePath } from './describeIssue.ts';
import { InputError } from './errors.ts';
import type { Rollout } from './rollout.ts';
import type { Run } from './run.ts';
import { RunRecords } from './runRecords.ts';
import type { Verdict } from './verdict.ts';

/** The form of the file itself; its records have formats of their own (migrate.ts). */
const fileVersion = 1;
const formatName = 'otherself-run';

/** A run of 2,000 prompts of 4,000 characters takes half of this; an answer at most a fiftieth. */
const maxLineChars = 16_000_000;

export interface RunFile {
  readonly run: Run;
  readonly rollouts: readonly Rollout[];
  readonly verdicts: readonly Verdict[];
}

export interface RunFileOrigin {
  /** ISO 8601, UTC. */
  readonly exportedAt: string;
  /** Program and version, as `otherself 0.1.0`. */
  readonly tool: string;
}

const headerSchema = z.strictObject({
  format: z.literal(formatName),
  version: z.literal(fileVersion),
  exportedAt: z.iso.datetime(),
  tool: z.string(),
});
const endSchema = z.strictObject({
  type: z.literal('end'),
  counts: z.strictObject({ rollouts: z.int(), verdicts: z.int() }),
  /** Over all lines before, each with one line feed. */
  sha256: z.string(),
});

/**
 * A whole run as JSON lines, each with its line end: a header, the run, its rollouts, its verdicts, and an end
 * line with counts and SHA-256, by which a cut or altered file is known.
 */
export function* writeRunFile(
  { run, rollouts, verdicts }: { run: Run; rollouts: Iterable<Rollout>; verdicts: Iterable<Verdict> },
  origin: RunFileOrigin,
): Generator<string> {
  const hash = sha256.create();
  const counts = { rollouts: 0, verdicts: 0 };
  const seal = (value: object): string => {
    const line = `${JSON.stringify(value)}\n`;
    hash.update(utf8ToBytes(line));
    return line;
  };
  yield seal({ format: formatName, version: fileVersion, ...origin });
  yield seal({ type: 'run', ...run });
  for (const rollout of rollouts) {
    counts.rollouts += 1;
    yield seal({ type: 'rollout', ...rollout });
  }
  for (const verdict of verdicts) {
    counts.verdicts += 1;
    yield seal({ type: 'verdict', ...verdict });
  }
  yield `${JSON.stringify({ type: 'end', counts, sha256: bytesToHex(hash.digest()) })}\n`;
}

/**
 * Reads a run file: all of it or nothing. Every key is derived anew from the run, so that no record can claim to
 * be another's. Throws {@link InputError} naming the line and field.
 */
export function parseRunFile(
  source: string | Iterable<string>,
  { fileName }: { readonly fileName: string },
): RunFile {
  const reader = new RunFileReader(fileName);
  for (const line of typeof source === 'string' ? linesOf(source) : source) {
    reader.take(line.replace(/\r?\n$|\r$/, ''));
  }
  return reader.finish();
}

function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    yield text.slice(start, end === -1 ? text.length : end);
    start = end === -1 ? text.length : end + 1;
  }
}

class RunFileReader {
  readonly #fileName: string;
  readonly #hash = sha256.create();
  readonly #records = new RunRecords();
  #line = 0;
  #hasEnded = false;
  /** A line that is no JSON: a fault when more lines follow, else the place where the file was cut. */
  #hasBrokenLine = false;

  constructor(fileName: string) {
    this.#fileName = fileName;
  }

  take(line: string): void {
    if (this.#hasBrokenLine) throw this.#fault('this is not valid JSON');
    this.#line += 1;
    if (this.#hasEnded) {
      if (line.trim() === '') return;
      throw this.#fault('there is more after the end line. Import joined files one by one');
    }
    if (line.length > maxLineChars)
      throw this.#fault(`more than ${maxLineChars} characters, which no record needs`);
    const text = this.#line === 1 ? line.replace(/^\uFEFF/, '') : line;
    const value = this.#parse(text);
    if (value === undefined) return;
    if (this.#line > 1 && value['type'] === 'end') return this.#end(value);
    this.#hash.update(utf8ToBytes(`${text}\n`));
    if (this.#line === 1) this.#readHeader(value);
    else this.#locate(() => this.#records.add(value));
  }

  finish(): RunFile {
    const { run, rollouts, verdicts } = this.#records;
    if (this.#line === 0) throw new InputError(`${this.#fileName} is empty.`);
    if (!this.#hasEnded || !run) {
      throw new InputError(
        `${this.#fileName} was cut after line ${this.#line - (this.#hasBrokenLine ? 1 : 0)}: ` +
          `${rollouts.size} answers and ${verdicts.size} verdicts could be read, but its end is missing. ` +
          'Nothing was imported; copy or export the file again.',
      );
    }
    return { run, rollouts: [...rollouts.values()], verdicts: [...verdicts.values()] };
  }

  #parse(text: string): Record<string, unknown> | undefined {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      if (this.#line === 1) throw this.#foreign();
      if (!(cause instanceof SyntaxError)) throw this.#fault('this cannot be read', cause);
      this.#hasBrokenLine = true;
      return undefined;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.#line === 1 ? this.#foreign() : this.#fault('this is no record');
    }
    if (hasPrototypeKey(value)) throw this.#fault('a field is named __proto__, which no record has');
    return value as Record<string, unknown>;
  }

  #readHeader(value: Record<string, unknown>): void {
    const { format, version } = value;
    if (format !== formatName) throw this.#foreign();
    if (typeof version === 'number' && version > fileVersion) {
      throw new InputError(
        `${this.#fileName} was written by a newer version (file version ${version}; this one reads up to ` +
          `${fileVersion}). Update Otherself, then import it again.`,
      );
    }
    this.#locate(() => headerSchema.parse(value));
  }

  #end(value: unknown): void {
    const { counts, sha256: stated } = this.#locate(() => endSchema.parse(value));
    const { rollouts, verdicts } = this.#records;
    if (counts.rollouts !== rollouts.size || counts.verdicts !== verdicts.size) {
      throw this.#fault(
        `the file holds ${rollouts.size} answers and ${verdicts.size} verdicts where it should hold ` +
          `${counts.rollouts} and ${counts.verdicts}. Nothing was imported; copy or export the file again`,
      );
    }
    if (stated !== bytesToHex(this.#hash.digest())) {
      throw this.#fault(
        'the SHA-256 does not fit: the file was altered after it was exported. Nothing was imported; ' +
          'copy or export the file again',
      );
    }
    this.#hasEnded = true;
  }

  #locate<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (cause instanceof z.ZodError) throw this.#fault(describeFirst(cause), cause);
      if (cause instanceof InputError) throw this.#fault(cause.message.replace(/\.$/, ''), cause);
      if (cause instanceof RangeError) throw this.#fault('this is nested too deeply', cause);
      throw cause;
    }
  }

  #fault(what: string, cause?: unknown): InputError {
    return new InputError(`${this.#fileName}, line ${this.#line}: ${what}.`, { cause });
  }

  #foreign(): InputError {
    return new InputError(
      `${this.#fileName} is no run file: its first line must be {"format":"${formatName}", …}. ` +
        'Export a run in Results, or with: otherself export FOLDER --format jsonl --out FILE',
    );
  }
}

function describeFirst({ issues: [issue] }: z.ZodError): string {
  if (!issue) return 'this is no valid record';
  return `${fieldName(issuePath(issue)) || 'this'} ${describeIssue(issue)}`;
}

/** Looked for by hand, since schemas pass over such a key; without recursion, since a file may nest deeply. */
function hasPrototypeKey(value: object): boolean {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (Object.hasOwn(next, '__proto__')) return true;
    for (const member of Object.values(next)) {
      if (typeof member === 'object') open.push(member);
    }
  }
  return false;
}
