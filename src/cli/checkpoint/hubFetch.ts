import { setTimeout as pause } from 'node:timers/promises';
import { OtherselfError } from '../../core/errors.ts';

/** The hub cannot be reached, or it refuses. */
export class HubError extends OtherselfError {}

/** The hub's answer to a request that it did not fulfil. */
class HubRefusal extends Error {
  readonly status: number;
  /** The hub's own word, such as GatedRepo or RevisionNotFound; empty if it gave none. */
  readonly code: string;

  constructor(status: number, code: string) {
    super(`The hub answered ${status} ${code}.`);
    this.status = status;
    this.code = code;
  }
}

const tries = 6;

export interface HubCall {
  /** Says in the sentences what was asked for: `owner/name`. */
  readonly name: string;
  readonly hubUrl: string;
  readonly signal: AbortSignal;
  /** Wait before the second try; doubles with each further one. */
  readonly retryDelayMs: number;
}

/**
 * Asks the hub by `work`, again where the connection dropped or the hub was busy. Throws {@link HubError} with what
 * the user can do, or the signal's reason.
 */
export async function askHub<T>(call: HubCall, work: (fetch: HubFetch) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    call.signal.throwIfAborted();
    try {
      return await work(guardedFetch(call.signal));
    } catch (error) {
      call.signal.throwIfAborted();
      if (attempt === tries || !isPassing(error)) throw explain(error, call);
      // An abort ends it; the next turn throws the signal's own reason.
      const delayMs = call.retryDelayMs * 2 ** (attempt - 1);
      await pause(delayMs, undefined, { signal: call.signal }).catch(() => undefined);
    }
  }
}

type HubFetch = typeof fetch;

/** A fetch that throws {@link HubRefusal}, and refuses a whole file where a part of it was asked for. */
function guardedFetch(signal: AbortSignal): HubFetch {
  return async (input, init) => {
    // Node itself gives a connection up that has been silent for five minutes.
    const response = await fetch(input, { ...init, signal });
    const code = response.headers.get('x-error-code') ?? '';
    // The library itself turns this one into "no such file".
    if (response.ok || (response.status === 404 && code === 'EntryNotFound')) {
      if (new Headers(init?.headers).has('range') && response.status !== 206) {
        await response.body?.cancel();
        throw new HubError(
          `${new URL(response.url).host} does not send parts of files. Use another address.`,
        );
      }
      return response;
    }
    await response.body?.cancel();
    throw new HubRefusal(response.status, code);
  };
}

function isPassing(error: unknown): boolean {
  if (error instanceof HubRefusal) return error.status === 429 || error.status >= 500;
  return !(error instanceof OtherselfError);
}

function explain(error: unknown, { name, hubUrl }: HubCall): Error {
  if (error instanceof OtherselfError) return error;
  const host = new URL(hubUrl).host;
  if (!(error instanceof HubRefusal)) {
    const reason = error instanceof Error ? causeOf(error) : String(error);
    return new HubError(
      `${host} cannot be reached (${reason}). Check the network and type the same command again, or give a local folder.`,
      { cause: error },
    );
  }
  return new HubError(sentenceFor(error, name, host), { cause: error });
}

function sentenceFor({ status, code }: HubRefusal, name: string, host: string): string {
  if (code === 'GatedRepo' || status === 403)
    return `${name} is given out on request only. Ask for it at https://${host}/${name}, then pass your token by --token or HF_TOKEN.`;
  if (code === 'RevisionNotFound') return `${name} has no such revision. Check --revision.`;
  if (status === 401)
    return `${host} refuses ${name}: it is private or does not exist, or the token is wrong. Check the name, and pass a token by --token or HF_TOKEN.`;
  if (status === 404) return `${host} has no model ${name}, and there is no such folder. Check the name.`;
  return `${host} answers ${status} for ${name}. Try again later; what was fetched is kept.`;
}

function causeOf(error: Error): string {
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return 'code' in cause ? String(cause.code) : cause.message;
}
