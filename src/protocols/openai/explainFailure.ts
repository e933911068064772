import { explainUnreachable } from './explainUnreachable.ts';
import { type FailureKind, ServerFailure } from './serverFailure.ts';

/** What of a server is needed to speak of it. */
export interface ServerContext {
  readonly address: string;
  readonly model: string;
  readonly apiKey: string | undefined;
  readonly timeoutMs: number;
}

/** What the SDK throws, as far as it is read; every part may be absent. */
interface SdkError {
  readonly status?: number;
  readonly message?: string;
  readonly code?: unknown;
  readonly error?: unknown;
}

/** Characters of a server's own message that are quoted. */
const quotedChars = 300;

const tooLong =
  /maximum context|context (?:length|size|window)|exceed\w*[^.]{0,40}context|prompt is too long|too many (?:input )?tokens|maximum input length/i;
const unknownModel =
  /model[^.]{0,120}(?:not found|does not exist|not exist|unknown|not available|no longer)|(?:unknown|invalid|no such) model|not a valid model/i;

/** Says in a sentence what a request met. `error` comes from the SDK or from the fetch below it. */
export function explainFailure(error: unknown, server: ServerContext): ServerFailure {
  if (error instanceof ServerFailure) return error;
  const found = (error ?? {}) as SdkError;
  if (typeof found.status === 'number') return explainStatus(found.status, found, server);
  // The SDK's own class cannot be asked: it is loaded late, and its name is lost in a minified build.
  if (found.message === 'Request timed out.') {
    return new ServerFailure('timeout', timeoutSentence(server));
  }
  if (found.error !== undefined) {
    const words = quote(found, server);
    return explainWords(words, server) ?? fail('server', `${at(server)} ended with an error: ${words}`);
  }
  if (found.message === 'Connection error.') {
    return new ServerFailure('unreachable', explainUnreachable(error, server.address));
  }
  const detail = quote(found, server);
  return fail(
    'cut',
    `The connection to ${server.address} broke in the middle of an answer: ${detail} Ask again.`,
  );
}

/** Seconds without a sign of life, for one try. */
export function timeoutSentence({ address, timeoutMs }: ServerContext): string {
  const seconds = Math.round(timeoutMs / 1000);
  return `The server at ${address} gave no answer within ${seconds} s. It may be overloaded: send fewer requests at once, or try again later.`;
}

export function isWebPage(text: string): boolean {
  return /^\s*(?:\d{3}\s+)?<(?:!doctype|html|head|body)/i.test(text);
}

function explainStatus(status: number, found: SdkError, server: ServerContext): ServerFailure {
  const words = quote(found, server);
  if (status === 401 || status === 403) return explainKey(status, words, server);
  return (
    explainLater(status, found, server) ??
    explainWords(words, server, found.code) ??
    explainAddress(status, found, server) ??
    fail('request', `${at(server)} refused the request (${status}). ${words}`)
  );
}

/** What may pass by itself, or by paying. */
function explainLater(status: number, found: SdkError, server: ServerContext): ServerFailure | null {
  const words = quote(found, server);
  if (status === 402 || found.code === 'insufficient_quota') {
    const sentence = `says that this key has no credit left (${status}). Top it up, or use another.`;
    return fail('credit', `${at(server)} ${sentence}`);
  }
  if (status === 429) {
    const sentence = `still asks to slow down after several tries (429). Wait a little, or send fewer requests at once.`;
    return fail('busy', `${at(server)} ${sentence} ${words}`);
  }
  return status >= 500 ? fail('server', `${at(server)} failed (${status}). Try again later. ${words}`) : null;
}

function explainAddress(
  status: number,
  { message = '' }: SdkError,
  server: ServerContext,
): ServerFailure | null {
  if (isWebPage(message)) return webPage(server);
  return status === 404 || status === 405 ? wrongAddress(server, status) : null;
}

function explainWords(words: string, server: ServerContext, code?: unknown): ServerFailure | null {
  if (tooLong.test(words)) {
    const sentence = `The text and the longest answer do not fit into the context of "${server.model}". Shorten the text, or ask for fewer tokens.`;
    return fail('tooLong', `${sentence} ${words}`);
  }
  if (!unknownModel.test(words) && code !== 'model_not_found') return null;
  return fail('model', `${at(server)} does not know the model "${server.model}". Check the name. ${words}`);
}

function explainKey(status: number, words: string, server: ServerContext): ServerFailure {
  if (server.apiKey === undefined) {
    return fail('key', `${at(server)} wants an API key (${status}). Give one and try again.`);
  }
  // A 401 often repeats a part of the key, so only what comes with a 403 is quoted.
  const more = status === 403 ? ` ${words}` : '';
  return fail(
    'key',
    `${at(server)} refused the API key (${status}). Check that it is right and may use "${server.model}".${more}`,
  );
}

/** What answers there is a web site, or a page that stands between: a login, a proxy. */
export function webPage({ address }: Pick<ServerContext, 'address'>): ServerFailure {
  return fail(
    'page',
    `A web page came from ${address}, not an answer. Check the address; most servers want it to end in /v1. A network that asks for a login can also be the reason.`,
  );
}

function wrongAddress({ address }: ServerContext, status: number): ServerFailure {
  return fail(
    'address',
    `There is no OpenAI-compatible service at ${address} (${status}). Check the address; most servers want it to end in /v1.`,
  );
}

function fail(kind: FailureKind, sentence: string): ServerFailure {
  return new ServerFailure(kind, sentence.trim());
}

function at({ address }: ServerContext): string {
  return `The server at ${address}`;
}

/** The server's own words, without the key, in quotes; empty when there are none worth reading. */
function quote({ message = '', status }: SdkError, { apiKey }: ServerContext): string {
  let words = message.replace(/^\d{3} /, '').trim();
  if (words === '' || (status !== undefined && words === 'status code (no body)') || isWebPage(words))
    return '';
  if (apiKey !== undefined && apiKey !== '') words = words.replaceAll(apiKey, '(key)');
  const cut = words.length > quotedChars ? `${words.slice(0, quotedChars)}…` : words;
  return `Its words: "${cut.replace(/\s+/g, ' ')}".`;
}
