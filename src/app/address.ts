/** Where in the app one is: what stands behind the `#`. */
export type Address =
  | { readonly page: 'chat'; readonly id: string | null }
  | { readonly page: 'run'; readonly id: string | null }
  /** With an id a talk is on stage, without the app around it. */
  | { readonly page: 'stage'; readonly id: string | null }
  /** What a talk needs; without an id the newest talk's. */
  | { readonly page: 'preflight'; readonly id: string | null }
  | { readonly page: 'results'; readonly id: string | null }
  | { readonly page: 'models' | 'settings' | 'gallery' }
  | { readonly page: 'unknown'; readonly hash: string };

const withId = new Set(['chat', 'stage', 'preflight', 'run', 'results']);
const withoutId = new Set(['models', 'settings', 'gallery']);

/** Reads a `location.hash`; empty is the chat. A query behind `?` is left to the page. */
export function parseAddress(hash: string): Address {
  const [path = ''] = hash.replace(/^#?\/?/, '').split('?');
  const [page = '', id, ...rest] = path.split('/').map(decode);
  if (page === '') return { page: 'chat', id: null };
  if (rest.length === 0 && withId.has(page)) return { page, id: id || null } as Address;
  if (!id && withoutId.has(page)) return { page } as Address;
  return { page: 'unknown', hash };
}

/** The `href` that leads to an address. */
export function formatAddress(address: Address): string {
  if (address.page === 'unknown') return address.hash;
  const id = 'id' in address && address.id !== null ? `/${encodeURIComponent(address.id)}` : '';
  return `#/${address.page}${id}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
