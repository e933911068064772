import { ModelFileError, sentenceOf } from '../../../core/errors.ts';
import type { CheckpointSource, ReadOptions } from './checkpointSource.ts';
import { Download } from './download.ts';

interface AddressOptions {
  /** Waits between tries; tests do not. */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

const maxTries = 5;
/** Doubled after each try: 15 s in all, as long as a router takes to find its line again. */
const firstPauseMs = 1000;

/** Worth another try: the line broke, or the server is busy. */
class PassingError extends Error {}

/** A checkpoint's folder on a server. */
export class AddressSource implements CheckpointSource {
  readonly name: string;
  readonly tries = 3;
  // A server gives one connection a share of the line, and checking one file overlaps with fetching others.
  readonly lanes = 4;
  readonly #wait: (milliseconds: number) => Promise<void>;

  /** `folder` ends in a slash. */
  constructor(folder: string, { wait = pause }: AddressOptions = {}) {
    this.name = folder;
    this.#wait = wait;
  }

  async read(path: string, options: ReadOptions = {}): Promise<Uint8Array<ArrayBuffer> | null> {
    const url = new URL(path, this.name).href;
    const download = new Download(options.onBytes);
    for (let tried = 1; ; tried += 1) {
      try {
        return (await attempt(url, download, options)) ? download.join() : null;
      } catch (cause) {
        options.signal?.throwIfAborted();
        if (!(cause instanceof PassingError)) throw cause;
        if (tried >= maxTries) throw unreachable(url, cause);
      }
      await this.#wait(firstPauseMs * 2 ** (tried - 1));
    }
  }

  findLibrary(): string | null {
    return null;
  }
}

/** False where the server has no such file. A later try goes on where the last one broke off. */
async function attempt(url: string, download: Download, { signal, bytes }: ReadOptions): Promise<boolean> {
  const from = download.received;
  const response = await request(url, from, signal);
  if (response.status === 404 || response.status === 410) return false;
  refuse(response, url, from);
  if (response.status === 200) download.restart();
  try {
    await download.take(response, signal);
  } catch (cause) {
    throw new PassingError(sentenceOf(cause), { cause });
  }
  if (bytes === undefined || download.received === bytes) return true;
  const received = download.received;
  download.restart();
  throw new PassingError(`it sent ${received} bytes where ${bytes} belong`);
}

async function request(url: string, from: number, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(url, {
      // Checked and stored by this app: a second copy in the browser's own cache would fill the disk twice.
      cache: 'no-store',
      ...(signal && { signal }),
      ...(from > 0 && { headers: { Range: `bytes=${from}-` } }),
    });
  } catch (cause) {
    throw new PassingError('no connection, or the server does not let this page read it (CORS)', { cause });
  }
}

function refuse(response: Response, url: string, from: number): void {
  const { status } = response;
  if (status === 429 || status >= 500) throw new PassingError(`the server answered ${status}`);
  if (status === 401 || status === 403) {
    throw new ModelFileError(
      `${url} may not be read without an account (${status}). Download the files with your own account into a ` +
        'folder, then import that folder here.',
    );
  }
  if (status !== 200 && !isRest(response, from)) {
    throw new ModelFileError(
      `The server answered ${status} to ${url}, where the whole file (200) was expected. Check the address, or use ` +
        'another host; what is stored is kept.',
    );
  }
  if (response.headers.get('Content-Type')?.includes('text/html')) {
    throw new ModelFileError(
      `The server sent a web page instead of ${url}. Check that the address is the folder of the checkpoint's files; ` +
        'on Hugging Face it contains /resolve/main/.',
    );
  }
}

/** The part that was asked for, after the bytes that have come already. */
function isRest({ status, headers }: Response, from: number): boolean {
  return from > 0 && status === 206 && headers.get('Content-Range')?.startsWith(`bytes ${from}-`) === true;
}

function unreachable(url: string, cause: PassingError): ModelFileError {
  return new ModelFileError(
    `${url} could not be fetched: ${cause.message}. Check the connection and the address, then resume; what is ` +
      'stored is kept.',
    { cause },
  );
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
