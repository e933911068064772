import { StoreError } from '../errors.ts';
import type { Collection, Collections, Store, StoreUsage } from '../ports/store.ts';

/** `full`: nothing more can be written. `blocked`: nothing can be read or written. */
export type StoreFault = 'full' | 'blocked';

/** A store that lives as long as its object. Records are kept as JSON, so that no caller shares them. */
export class MemoryStore implements Store {
  readonly #texts = new Map<Collection, Map<string, string>>();
  readonly #locks = new Set<string>();
  #fault: StoreFault | null = null;

  /** Makes every later call fail as a full or blocked store does; null ends that. */
  failAs(fault: StoreFault | null): void {
    this.#fault = fault;
  }

  async get<C extends Collection>(
    collection: C,
    keys: readonly string[],
  ): Promise<(Collections[C] | undefined)[]> {
    this.#check('read');
    const texts = this.#textsOf(collection);
    return keys.map((key) => {
      const text = texts.get(key);
      return text === undefined ? undefined : (JSON.parse(text) as Collections[C]);
    });
  }

  async put<C extends Collection>(
    collection: C,
    records: readonly (readonly [string, Collections[C]])[],
  ): Promise<void> {
    this.#check('write');
    const texts = records.map(([key, record]) => [key, textOf(record)] as const);
    for (const [key, text] of texts) this.#textsOf(collection).set(key, text);
  }

  async delete(collection: Collection, keys: readonly string[]): Promise<void> {
    this.#check('read');
    for (const key of keys) this.#textsOf(collection).delete(key);
  }

  async keys(collection: Collection): Promise<string[]> {
    this.#check('read');
    return [...this.#textsOf(collection).keys()];
  }

  async count(collection: Collection): Promise<number> {
    this.#check('read');
    return this.#textsOf(collection).size;
  }

  async all<C extends Collection>(collection: C): Promise<Collections[C][]> {
    this.#check('read');
    return [...this.#textsOf(collection).values()].map((text) => JSON.parse(text) as Collections[C]);
  }

  async lock(name: string): Promise<(() => void) | null> {
    this.#check('read');
    if (this.#locks.has(name)) return null;
    this.#locks.add(name);
    let isHeld = true;
    return () => {
      if (isHeld) this.#locks.delete(name);
      isHeld = false;
    };
  }

  async usage(): Promise<StoreUsage> {
    return { usedBytes: null, quotaBytes: null, persisted: null };
  }

  #textsOf(collection: Collection): Map<string, string> {
    const texts = this.#texts.get(collection) ?? new Map<string, string>();
    this.#texts.set(collection, texts);
    return texts;
  }

  #check(action: 'read' | 'write'): void {
    if (this.#fault === 'blocked') throw new StoreError('Storage is blocked. Allow it and try again.');
    if (this.#fault === 'full' && action === 'write') {
      throw new StoreError('Storage is full. Delete something and try again; what was stored is kept.');
    }
  }
}

function textOf(record: unknown): string {
  const text = JSON.stringify(record);
  if (text === undefined) throw new StoreError('This record cannot be stored: it is not plain data.');
  return text;
}
