import type { TransformersCard } from '../../core/model.ts';

type CardFile = TransformersCard['files'][number];

const cacheName = 'otherself-models';

/** Where files stay on this device; null where the browser keeps none (plain http, some private windows). */
export async function openKeptFiles(): Promise<Cache | null> {
  if (!('caches' in globalThis)) return null;
  return caches.open(cacheName).catch(() => null);
}

/** What a file is kept under. It names the content, so that another version of the file is another entry. */
export function keptKeyOf(url: URL, { sha256 }: CardFile): string {
  const key = new URL(url);
  key.searchParams.set('sha256', sha256);
  return key.href;
}

/** Keeps a file that was checked, in place of its other versions. Throws what the browser throws when it is full. */
export async function keepFile(
  kept: Cache,
  url: URL,
  { file, bytes }: { readonly file: CardFile; readonly bytes: Uint8Array<ArrayBuffer> },
): Promise<void> {
  const key = keptKeyOf(url, file);
  const versions = await kept.keys(url, { ignoreSearch: true });
  await Promise.all(versions.filter((version) => version.url !== key).map((version) => kept.delete(version)));
  await kept.put(key, new Response(bytes));
}
