import { md5 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** Lower-case hex. WebCrypto is missing on pages served over plain http from another machine. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (!globalThis.crypto?.subtle) return bytesToHex(sha256(bytes));
  return bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

/** Lower-case hex: what tensor-cache.json has for each shard. WebCrypto has no MD5. */
export function md5Of(bytes: Uint8Array<ArrayBuffer>): string {
  return bytesToHex(md5(bytes));
}
