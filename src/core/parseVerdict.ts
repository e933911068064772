import { sentenceOf } from './errors.ts';
import { type DetailSignal, type Rubric, type Signal, signalsFor, textSignalChars } from './rubric.ts';
import type { PlannedPrompt } from './run.ts';

export type Score = number | boolean | string;

/** A judge's reply as read: `error` is a sentence, and no score is ever guessed. */
export type ParsedVerdict =
  | { readonly ok: true; readonly scores: Record<string, Score>; readonly reason: string }
  | { readonly ok: false; readonly error: string };

/**
 * Reads a judge's reply: JSON, alone or once inside other text. Strict: every signal, no other key, the right
 * types and ranges; nothing is converted. A score that the rubric lets be null is left out of `scores`.
 */
export function parseVerdict(options: {
  readonly rubric: Rubric;
  readonly prompt: Pick<PlannedPrompt, 'reference'>;
  readonly reply: string;
}): ParsedVerdict {
  try {
    return {
      ok: true,
      ...readVerdict(readObject(options.reply), signalsFor(options.rubric, options.prompt)),
    };
  } catch (error) {
    if (!(error instanceof UnreadableReply)) throw error;
    return { ok: false, error: sentenceOf(error) };
  }
}

class UnreadableReply extends Error {}

function readVerdict(reply: object, signals: readonly Signal[]) {
  const members = new Map<string, unknown>(Object.entries(reply));
  const known = new Set(['reason', ...signals.map(({ id }) => id)]);
  const extra = [...members.keys()].find((key) => !known.has(key));
  if (extra !== undefined)
    throw new UnreadableReply(`The judge's reply has "${extra}", which was not asked for.`);
  const absent = [...known].find((key) => !members.has(key));
  if (absent !== undefined) throw new UnreadableReply(`The judge's reply lacks "${absent}".`);
  const reason = members.get('reason');
  if (typeof reason !== 'string') throw new UnreadableReply(`The judge's "reason" is not a text.`);
  const scores: Record<string, Score> = {};
  for (const signal of signals) {
    const score = readScore(signal, members.get(signal.id));
    if (score !== undefined) scores[signal.id] = score;
  }
  return { scores, reason };
}

function readScore(signal: Signal, value: unknown): Score | undefined {
  if (signal.type === 'score') return readNumber(signal, value, signal.nullWhen !== undefined);
  if (signal.type === 'number') return readNumber({ ...signal, integer: true }, value, true);
  if (signal.type === 'text') return readText(signal, value);
  if (signal.type === 'flag') {
    if (typeof value === 'boolean') return value;
    throw new UnreadableReply(`The judge's "${signal.id}" is ${show(value)}, not true or false.`);
  }
  if (typeof value === 'string' && signal.options.some(({ id }) => id === value)) return value;
  const options = signal.options.map(({ id }) => id).join(', ');
  throw new UnreadableReply(`The judge's "${signal.id}" is ${show(value)}, not one of ${options}.`);
}

/** Words that stand for null: taken for a name they would be a guess of what the judge meant. */
const emptyWords =
  /^\W*(?:null|none|nil|n\/?a|unknown|unspecified|undefined|not[ -](?:said|stated|given|mentioned|specified))?\W*$/i;

function readText({ id }: DetailSignal, value: unknown): string | undefined {
  if (value === null) return undefined;
  if (typeof value !== 'string')
    throw new UnreadableReply(`The judge's "${id}" is ${show(value)}, not a text or null.`);
  const words = value.trim();
  if (emptyWords.test(words))
    throw new UnreadableReply(`The judge's "${id}" is ${show(value)}, where null was asked for.`);
  if (words.length <= textSignalChars) return words;
  throw new UnreadableReply(
    `The judge's "${id}" has ${words.length} characters; ${textSignalChars} are allowed.`,
  );
}

interface NumberRange {
  readonly id: string;
  readonly min: number;
  readonly max: number;
  readonly integer: boolean;
}

function readNumber(signal: NumberRange, value: unknown, allowsNull: boolean): number | undefined {
  if (value === null && allowsNull) return undefined;
  const fits = typeof value === 'number' && value >= signal.min && value <= signal.max;
  if (fits && (!signal.integer || Number.isInteger(value))) return value;
  const number = signal.integer ? 'whole number' : 'number';
  throw new UnreadableReply(
    `The judge's "${signal.id}" is ${show(value)}, not a ${number} from ${signal.min} to ${signal.max}.`,
  );
}

function show(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** One JSON object, alone or from the reply's first brace to its last: two objects cannot be read so. */
function readObject(reply: string): object {
  const text = reply.trim();
  if (text === '') throw new UnreadableReply('The judge gave an empty reply.');
  const inner = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  const value = parseJson(text) ?? parseJson(inner);
  if (value === undefined) {
    const kind = /^<(!doctype|html)/i.test(text) ? 'a web page' : 'text';
    throw new UnreadableReply(`The judge replied with ${kind} that holds no single JSON object.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UnreadableReply(`The judge replied with ${show(value)}, not with a JSON object.`);
  }
  const twice = findRepeatedKey(inner);
  if (twice === undefined) return value;
  throw new UnreadableReply(`The judge's reply has "${twice}" twice, so it is not clear which one counts.`);
}

/** JSON.parse would keep the last of them in silence. `json` is an object that can be parsed; its own keys count. */
function findRepeatedKey(json: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  for (const [token, text, colon] of json.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")\s*(:?)|[{}[\]]/g)) {
    if (text === undefined) depth += token === '{' || token === '[' ? 1 : -1;
    if (text === undefined || colon === '' || depth !== 1) continue;
    const key = String(JSON.parse(text));
    if (seen.has(key)) return key;
    seen.add(key);
  }
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
