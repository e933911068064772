import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { describeIssue, fieldName, issuePath } from './describeIssue.ts';
import { InputError } from './errors.ts';
import { canonicalJson } from './ids.ts';

/** A run of 2,000 prompts of 4,000 characters takes half of this; an answer at most a fiftieth. */
const maxLineChars = 16_000_000;

export type RecordCounts = Readonly<Record<string, number>>;

/** A kind of file of JSON lines: a header, one record a line, and an end line by which a cut or altered file is known. */
export interface SealedForm {
  readonly format: string;
  /** Of the newest such file; its records have formats of their own (migrate.ts). */
  readonly version: number;
  /** As "run file". */
  readonly name: string;
  /** The sentences on where such a file comes from. */
  readonly source: string;
  /** As "3 answers and 2 verdicts". */
  describe(counts: RecordCounts): string;
}

export interface FileOrigin {
  /** ISO 8601, UTC. */
  readonly exportedAt: string;
  /** Program and version, as `otherself 0.1.0`. */
  readonly tool: string;
}

/** Writes the lines of such a file, each with its line end. */
export class LineSealer {
  readonly #hash = sha256.create();

  header(
    { format, version }: Pick<SealedForm, 'format' | 'version'>,
    { exportedAt, tool }: FileOrigin,
  ): string {
    return this.line({ format, version, exportedAt, tool });
  }

  line(value: object): string {
    const line = `${JSON.stringify(value)}\n`;
    this.#hash.update(utf8ToBytes(line));
    return line;
  }

  end(counts: RecordCounts): string {
    return `${JSON.stringify({ type: 'end', counts, sha256: bytesToHex(this.#hash.digest()) })}\n`;
  }
}

/** Where a file's records go. */
export interface RecordSink {
  /** Errors: {@link InputError}, or zod's; the reader adds the line. */
  add(record: Readonly<Record<string, unknown>>): void;
  /** Of what was added. */
  counts(): RecordCounts;
}

/** Hands every record to the sink, in order. Throws {@link InputError} naming the line and field. */
export function readSealedLines(
  form: SealedForm,
  source: string | Iterable<string>,
  { fileName, sink }: { readonly fileName: string; readonly sink: RecordSink },
): void {
  const reader = new SealedReader(form, fileName, sink);
  for (const line of typeof source === 'string' ? linesOf(source) : source) {
    reader.take(line.replace(/\r?\n$|\r$/, ''));
  }
  reader.finish();
}

export function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    yield text.slice(start, end === -1 ? text.length : end);
    start = end === -1 ? text.length : end + 1;
  }
}

class SealedReader {
  readonly #form: SealedForm;
  readonly #fileName: string;
  readonly #sink: RecordSink;
  readonly #hash = sha256.create();
  #line = 0;
  #hasEnded = false;
  /** A line that is no JSON: a fault when more lines follow, else the place where the file was cut. */
  #hasBrokenLine = false;

  constructor(form: SealedForm, fileName: string, sink: RecordSink) {
    this.#form = form;
    this.#fileName = fileName;
    this.#sink = sink;
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
    else this.#locate(() => this.#sink.add(value));
  }

  finish(): void {
    if (this.#line === 0) throw new InputError(`${this.#fileName} is empty.`);
    if (this.#hasEnded) return;
    throw new InputError(
      `${this.#fileName} was cut after line ${this.#line - (this.#hasBrokenLine ? 1 : 0)}: ` +
        `${this.#form.describe(this.#sink.counts())} could be read, but its end is missing. ` +
        'Nothing was imported; copy or export the file again.',
    );
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
    const known = this.#form;
    if (format !== known.format) throw this.#foreign(format);
    if (typeof version === 'number' && version > known.version) {
      throw new InputError(
        `${this.#fileName} was written by a newer version (file version ${version}; this one reads up to ` +
          `${known.version}). Update Otherself, then import it again.`,
      );
    }
    this.#locate(() => headerSchema.extend({ version: z.int().min(1).max(known.version) }).parse(value));
  }

  #end(value: unknown): void {
    const { counts, sha256: stated } = this.#locate(() => endSchema.parse(value));
    const found = this.#sink.counts();
    if (canonicalJson(counts) !== canonicalJson(found)) {
      throw this.#fault(
        `the file holds ${this.#form.describe(found)} where it should hold ${this.#form.describe(counts)}. ` +
          'Nothing was imported; copy or export the file again',
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

  #foreign(format?: unknown): InputError {
    const other = typeof format === 'string' ? places.get(format) : undefined;
    if (other) return new InputError(`${this.#fileName} is ${other}`);
    return new InputError(
      `${this.#fileName} is no ${this.#form.name}: its first line must be {"format":"${this.#form.format}", …}. ` +
        this.#form.source,
    );
  }
}

const headerSchema = z.strictObject({
  format: z.string(),
  exportedAt: z.iso.datetime(),
  tool: z.string(),
});
const endSchema = z.strictObject({
  type: z.literal('end'),
  counts: z.record(z.string(), z.int()),
  /** Over all lines before, each with one line feed. */
  sha256: z.string(),
});

/** For a file that is picked in the other one's place. */
const places: ReadonlyMap<string, string> = new Map([
  ['otherself-run', 'one exported run: import it on the page Run.'],
  ['otherself-talk', 'one exported talk: import it on the page Stage.'],
  ['otherself-device', 'an export of everything: import it in Settings, under Storage.'],
]);

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
