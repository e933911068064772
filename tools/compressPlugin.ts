import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { Plugin } from 'vite';

const compress = promisify(brotliCompress);
/** Below it the headers of an answer weigh more than what is saved. */
const smallestBytes = 1_000;
/** Beyond it the highest quality takes minutes. */
const largeBytes = 2_000_000;

/**
 * Writes a Brotli form beside each text and WebAssembly file of the build, for hosts that serve such files, as our own
 * does. Models are left out: their data does not shrink.
 */
export function compressPlugin(): Plugin {
  let folder = '';
  return {
    name: 'otherself-compress',
    apply: 'build',
    enforce: 'post',
    configResolved({ root, build }) {
      folder = join(root, build.outDir);
    },
    closeBundle: {
      // After the plugins that write files of their own.
      order: 'post',
      sequential: true,
      async handler() {
        const names = await readdir(folder, { recursive: true });
        const texts = names.filter((name) => /\.(m?js|css|html|svg|wasm|webmanifest)$/.test(name));
        await Promise.all(texts.map((name) => writeCompressed(join(folder, name))));
      },
    },
  };
}

async function writeCompressed(path: string): Promise<void> {
  const bytes = await readFile(path);
  if (bytes.length < smallestBytes) return;
  const quality = bytes.length > largeBytes ? 5 : constants.BROTLI_MAX_QUALITY;
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  await writeFile(`${path}.br`, await compress(bytes, { params }));
}
