import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * JSON with sorted object keys and no spaces: the same value always gives the same text
 * (RFC 8785's ordering; `undefined` members are left out, as JSON.stringify does).
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** SHA-256 of the canonical JSON of a value, as 64 hex digits. */
export function hashOf(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(value))));
}

/**
 * {@link hashOf} of an object of which all members but those named stay the same: what stands before the first of
 * them is hashed once for all values.
 */
export function hasherOf<Name extends string>(
  fixed: object,
  names: readonly Name[],
): (values: Readonly<Record<Name, unknown>>) => string {
  const isNamed = (key: string): key is Name => (names as readonly string[]).includes(key);
  const known = Object.entries(fixed).filter(([key, member]) => member !== undefined && !isNamed(key));
  const members = new Map<string, unknown>([...known, ...names.map((name) => [name, null] as const)]);
  const keys = [...members.keys()].sort((a, b) => (a < b ? -1 : 1));
  let text = '{';
  /** What stands before each named member, in their order. */
  const pieces: { readonly before: string; readonly name: Name }[] = [];
  for (const [place, key] of keys.entries()) {
    text += `${place === 0 ? '' : ','}${JSON.stringify(key)}:`;
    if (!isNamed(key)) text += canonicalJson(members.get(key));
    else {
      pieces.push({ before: text, name: key });
      text = '';
    }
  }
  const [first, ...rest] = pieces;
  const start = sha256.create().update(utf8ToBytes(first?.before ?? ''));
  // Used again and again: for short texts, making them anew takes longer than the hash.
  const hash = start.clone();
  const digest = new Uint8Array(hash.outputLen);
  return (values) => {
    const middle = rest.map(({ before, name }) => before + canonicalJson(values[name])).join('');
    const end = `${first ? canonicalJson(values[first.name]) : ''}${middle}${text}}`;
    start._cloneInto(hash).update(shortBytes(end)).digestInto(digest);
    return bytesToHex(digest);
  };
}

const encoder = new TextEncoder();
const encoded = new Uint8Array(1024);

/** UTF-8, to be used before the next call. */
function shortBytes(text: string): Uint8Array {
  // A character takes three bytes at most.
  if (text.length * 3 > encoded.length) return utf8ToBytes(text);
  return encoded.subarray(0, encoder.encodeInto(text, encoded).written);
}

/** An unsigned 32-bit seed that depends on every part of `value` (first 4 bytes of its SHA-256). */
export function seedOf(value: unknown): number {
  return Number.parseInt(hashOf(value).slice(0, 8), 16);
}
