import { z } from 'zod';
import { StoreError, sentenceOf } from '../../core/errors.ts';
import type { OfflineFile, OfflineFiles } from '../../core/offline.ts';

/** What tools/offlinePlugin.ts writes. */
const listSchema = z.array(
  z.object({
    url: z.string(),
    /** Null where the name has a hash of the content. */
    revision: z.string().nullable(),
    bytes: z.int().nonnegative(),
    integrity: z.string(),
  }),
);
type Entry = z.infer<typeof listSchema>[number];

/** The app's own files, in the cache that the service worker fills and reads. */
export class AppFiles implements OfflineFiles {
  readonly #baseUrl: URL;

  /** The page's folder, with the slash at its end: the scope of the service worker. */
  constructor(baseUrl: URL) {
    this.#baseUrl = baseUrl;
  }

  async list(): Promise<readonly OfflineFile[]> {
    const [entries, cache] = await Promise.all([this.#entries(), this.#cache()]);
    const keys = new Set((await cache.keys()).map(({ url }) => url));
    return entries.map((entry) => ({
      path: entry.url,
      bytes: entry.bytes,
      isStored: keys.has(this.#keyOf(entry)),
    }));
  }

  async fetch(
    { path }: OfflineFile,
    { signal, onProgress }: Parameters<OfflineFiles['fetch']>[1] = {},
  ): Promise<void> {
    const entry = (await this.#entries()).find(({ url }) => url === path);
    if (!entry) throw new StoreError(`This version of the app has no file ${path}. Reload the page.`);
    try {
      const init: RequestInit = { cache: 'reload', integrity: entry.integrity, ...(signal && { signal }) };
      const response = await fetch(new URL(path, this.#baseUrl), init);
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      await (await this.#cache()).put(this.#keyOf(entry), response);
      onProgress?.(entry.bytes);
    } catch (error) {
      signal?.throwIfAborted();
      throw new StoreError(
        `The app's file ${path} could not be fetched and kept (${sentenceOf(error)}). ` +
          'Check the network and the free space on this device, reload the page, then try again.',
        { cause: error },
      );
    }
  }

  async #entries(): Promise<readonly Entry[]> {
    try {
      const response = await fetch(new URL('offline.json', this.#baseUrl));
      return listSchema.parse(await response.json());
    } catch (error) {
      throw new StoreError(
        "The list of the app's files could not be read. Reload the page with a network, then try again.",
        { cause: error },
      );
    }
  }

  #cache(): Promise<Cache> {
    return caches.open(`otherself-precache-v2-${this.#baseUrl.href}`);
  }

  #keyOf({ url, revision }: Entry): string {
    const key = new URL(url, this.#baseUrl);
    if (revision !== null) key.searchParams.set('__WB_REVISION__', revision);
    return key.href;
  }
}
