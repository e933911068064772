import { appendFile, open, stat, truncate } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InputError, StoreError, sentenceOf } from '../core/errors.ts';
import type { Collection } from '../core/ports/store.ts';
import { explainFileErrors } from './jsonlFolderErrors.ts';
import { type StoredRecord, readRecord, writeRecord } from './jsonlFolderRecord.ts';
import { replaceFile, syncFolder } from './jsonlFolderReplace.ts';

/** Lines handed to the system at once while a file is rewritten, to bound the memory that this takes. */
const linesPerWrite = 1_000;
const newline = 0x0a;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** What is known of the file: another process may append to it, or replace it, between two calls. */
interface Known {
  /** Tells a replaced file from one that grew. */
  readonly identity: string;
  /** Bytes that are read: whole lines, and a last record that only lacks its line end. */
  readonly bytes: number;
  readonly lines: number;
  /** The last record has no line end: someone edited the file by hand. */
  readonly isOpen: boolean;
  /** Bytes of a line that was being written when its process ended, or is being written now. */
  readonly cutBytes: number;
}
const nothing: Known = { identity: '', bytes: 0, lines: 0, isOpen: false, cutBytes: 0 };

/** One collection as a file of one record a line; the last record of a key counts. */
export class JsonlFile {
  readonly #path: string;
  readonly #collection: Collection;
  readonly #onNote: (sentence: string) => void;
  #records = new Map<string, StoredRecord>();
  #known = nothing;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(folder: string, collection: Collection, onNote: (sentence: string) => void) {
    this.#path = join(folder, `${collection}.jsonl`);
    this.#collection = collection;
    this.#onNote = onNote;
  }

  /** The records by key. A half-written last line is passed over: it may be another process's, in the making. */
  read(): Promise<ReadonlyMap<string, StoredRecord>> {
    return this.#inTurn(async () => {
      await this.#refresh();
      return this.#records;
    });
  }

  /** One record is appended; more replace the file, since a killed process must leave all of them or none. */
  async put(records: readonly (readonly [string, StoredRecord])[]): Promise<void> {
    const lines = new Map(records.map(([key, record]) => [key, this.#lineOf(key, record)]));
    await this.#inTurn(async () => {
      await this.#refresh();
      await this.#setCutLineAside();
      const [only, ...others] = lines;
      if (only && others.length === 0) await this.#append(only[1]);
      else if (only) await this.#replaceWith(new Map([...this.#records, ...this.#parsed(lines)]));
    });
  }

  async delete(keys: readonly string[]): Promise<void> {
    await this.#inTurn(async () => {
      await this.#refresh();
      const left = new Map(this.#records);
      const deleted = keys.filter((key) => left.delete(key));
      if (deleted.length === 0) return;
      await this.#setCutLineAside();
      await this.#replaceWith(left);
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(() => explainFileErrors(this.#path, work));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Checked before it is written: a line that cannot be read again would block the file. */
  #lineOf(key: string, record: StoredRecord): string {
    const line = writeRecord(this.#collection, key, record);
    try {
      const [own] = readRecord(this.#collection, line, `The record ${key} cannot be stored: it`);
      if (own !== key) throw new InputError(`The record ${own} cannot be stored under another key, ${key}.`);
    } catch (cause) {
      throw new StoreError(sentenceOf(cause), { cause });
    }
    return line;
  }

  *#parsed(lines: Iterable<readonly [string, string]>): Iterable<readonly [string, StoredRecord]> {
    for (const [key, line] of lines) yield readRecord(this.#collection, line, key);
  }

  async #refresh(): Promise<void> {
    const file = await open(this.#path, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (!file) return this.#forget();
    try {
      const { ino, birthtimeMs, size } = await file.stat();
      const identity = `${ino}:${birthtimeMs}`;
      if (identity !== this.#known.identity || size < this.#known.bytes) this.#forget();
      const start = this.#known.bytes;
      if (size === start) return;
      const bytes = Buffer.alloc(size - start);
      for (let filled = 0; filled < bytes.length;) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) return;
        filled += bytesRead;
      }
      this.#take(bytes, identity);
    } finally {
      await file.close();
    }
  }

  #forget(): void {
    this.#records = new Map();
    this.#known = nothing;
  }

  #take(bytes: Buffer, identity: string): void {
    let lines = this.#known.lines - (this.#known.isOpen ? 1 : 0);
    let start = 0;
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      lines += 1;
      this.#takeLine(bytes.subarray(start, end), lines);
      start = end + 1;
    }
    const rest = bytes.subarray(start);
    const isOpen = rest.length > 0 && this.#isWhole(rest);
    if (isOpen) this.#takeLine(rest, lines + 1);
    this.#known = {
      identity,
      bytes: this.#known.bytes + (isOpen ? bytes.length : start),
      lines: isOpen ? lines + 1 : lines,
      isOpen,
      cutBytes: isOpen ? 0 : rest.length,
    };
  }

  #takeLine(bytes: Buffer, line: number): void {
    const record = this.#parseLine(bytes, line);
    if (record) this.#records.set(...record);
  }

  #parseLine(bytes: Buffer, line: number): readonly [string, StoredRecord] | null {
    const place = `${this.#path}, line ${line}:`;
    try {
      const text = utf8.decode(bytes);
      return text.trim() === '' ? null : readRecord(this.#collection, text, `${place} this line`);
    } catch (cause) {
      const what = cause instanceof InputError ? cause.message : `${place} this line is not valid UTF-8.`;
      throw new InputError(
        `${what} Nothing was changed. Repair the line from a copy, or delete it: it is then collected or judged anew.`,
        { cause },
      );
    }
  }

  #isWhole(bytes: Buffer): boolean {
    try {
      return this.#parseLine(bytes, 0) !== null;
    } catch {
      return false;
    }
  }

  async #setCutLineAside(): Promise<void> {
    const { bytes, cutBytes } = this.#known;
    if (cutBytes === 0) return;
    const cut = Buffer.alloc(cutBytes);
    const file = await open(this.#path, 'r');
    try {
      await file.read(cut, 0, cutBytes, bytes);
    } finally {
      await file.close();
    }
    const aside = `${this.#path}.partial`;
    await appendFile(aside, Buffer.concat([cut, Buffer.from('\n')]), { flush: true });
    await truncate(this.#path, bytes);
    this.#known = { ...this.#known, cutBytes: 0 };
    this.#onNote(
      `The last line of ${this.#path} was half-written: its process was ended. It was moved to ${basename(aside)}; ` +
        'the record is collected or judged anew.',
    );
  }

  async #append(line: string): Promise<void> {
    const { identity, bytes, isOpen } = this.#known;
    const file = await open(this.#path, 'a');
    try {
      await file.appendFile(`${isOpen ? '\n' : ''}${line}\n`);
      await file.sync();
    } catch (error) {
      // What a full disk took of the line goes again; where even that fails, the next put sets it aside.
      await file.truncate(bytes).catch(() => undefined);
      throw error;
    } finally {
      await file.close();
    }
    if (identity === '') await syncFolder(dirname(this.#path));
    await this.#refresh();
  }

  async #replaceWith(records: Map<string, StoredRecord>): Promise<void> {
    await replaceFile(this.#path, linesOf(this.#collection, records));
    const { ino, birthtimeMs, size } = await stat(this.#path);
    this.#records = records;
    this.#known = { ...nothing, identity: `${ino}:${birthtimeMs}`, bytes: size, lines: records.size };
  }
}

function* linesOf(collection: Collection, records: ReadonlyMap<string, StoredRecord>): Iterable<string> {
  let chunk: string[] = [];
  for (const [key, record] of records) {
    chunk.push(`${writeRecord(collection, key, record)}\n`);
    if (chunk.length < linesPerWrite) continue;
    yield chunk.join('');
    chunk = [];
  }
  yield chunk.join('');
}
