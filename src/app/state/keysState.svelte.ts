import type { Store } from '../../core/ports/store.ts';

const record = 'apiKeys';

/**
 * API keys by the address they are for. They live in memory; those that the user ticks are stored on this device,
 * in the settings, and leave it only in requests to their own address.
 */
export class KeysState {
  readonly #store: Store;
  #keys = $state.raw<Readonly<Record<string, string>>>({});
  #remembered = $state.raw<Readonly<Record<string, string>>>({});

  constructor(store: Store) {
    this.#store = store;
  }

  keyFor(baseUrl: string): string | undefined {
    return this.#keys[addressOf(baseUrl)];
  }
  isRemembered(baseUrl: string): boolean {
    return Object.hasOwn(this.#remembered, addressOf(baseUrl));
  }

  /** Errors: {@link StoreError}. */
  async load(): Promise<void> {
    const [stored] = await this.#store.get('settings', [record]);
    const entries = Object.entries(typeof stored === 'object' && stored !== null ? stored : {});
    const keys = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    this.#remembered = Object.fromEntries(keys);
    this.#keys = { ...this.#remembered, ...this.#keys };
  }

  /** An empty key forgets it, here and on the device. Errors: {@link StoreError}. */
  async set(baseUrl: string, key: string, { remember }: { readonly remember: boolean }): Promise<void> {
    const address = addressOf(baseUrl);
    this.#keys = withEntry(this.#keys, address, key);
    const wasRemembered = this.isRemembered(baseUrl);
    if (!remember && !wasRemembered) return;
    this.#remembered = withEntry(this.#remembered, address, remember ? key : '');
    await this.#store.put('settings', [[record, this.#remembered]]);
  }
}

function addressOf(baseUrl: string): string {
  return baseUrl.trim().replace(/\/+$/, '');
}

function withEntry(
  entries: Readonly<Record<string, string>>,
  name: string,
  value: string,
): Record<string, string> {
  const others = Object.entries(entries).filter(([known]) => known !== name);
  return Object.fromEntries(value === '' ? others : [...others, [name, value]]);
}
