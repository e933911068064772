import { type Chat, type Pane, mostPanes } from '../../core/chat.ts';
import { highestDial, parseDialId } from '../../core/dial.ts';
import { InputError } from '../../core/errors.ts';
import { paneRows } from '../../core/panes.ts';

/** What a link to a comparison holds. What is missing is taken from the settings of whoever opens it. */
export interface Comparison {
  readonly panes: readonly Pane[];
  readonly system: string | null;
  readonly questions: readonly string[];
  /** One for each question, so that the answers come out the same. */
  readonly seeds: readonly number[];
  readonly topP: number | null;
  readonly maxTokens: number | null;
}

/** What messengers and browsers still pass on whole. */
export const longestLink = 8_000;

const example = '#/chat?compare=mini-persona:0.8,mini-base:0.8';
const paneForm = /^([a-z0-9][a-z0-9._-]*(?:@\d+(?:\.\d+)?)?):(\d+(?:\.\d+)?)(:recorded)?$/;

/** The address that opens a comparison: `#/chat?compare=model:temperature,...&ask=...&seed=...`; a recorded pane says so behind its temperature. */
export function formatComparison(comparison: Comparison): string {
  const { panes, system, questions, seeds, topP, maxTokens } = comparison;
  const query = new URLSearchParams();
  query.set('compare', panes.map(formatPane).join(','));
  for (const question of questions) query.append('ask', question);
  if (seeds.length > 0) query.set('seed', seeds.join(','));
  if (topP !== null) query.set('top-p', String(topP));
  if (maxTokens !== null) query.set('tokens', String(maxTokens));
  if (system !== null) query.set('system', system);
  // These may stand in an address as they are, and read better so.
  const readable = query.toString().replace(/%(3A|2C|40)/g, (code) => decodeURIComponent(code));
  return `#/chat?${readable}`;
}

/** Null where no comparison is asked for. Errors: {@link InputError}, saying what is wrong with the link. */
export function parseComparison(query: URLSearchParams): Comparison | null {
  const compare = query.get('compare');
  if (compare === null) return null;
  if (query.toString().length > longestLink)
    fail(`is longer than ${longestLink} characters. Send fewer or shorter questions`);
  const panes = compare.split(',').map((text, index) => parsePane(text, index));
  if (panes.length < 2 || panes.length > mostPanes)
    fail(`has ${panes.length === 1 ? 'one pane' : `${panes.length} panes`}; it takes two to ${mostPanes}`);
  return {
    panes,
    system: query.get('system'),
    questions: query.getAll('ask').filter((question) => question.trim() !== ''),
    seeds: (query.get('seed') ?? '').split(',').filter(Boolean).map(parseSeed),
    topP: parseNumber(query.get('top-p'), 'top-p', (value) => value > 0 && value <= 1),
    maxTokens: parseNumber(query.get('tokens'), 'number of tokens', isTokens),
  };
}

/** The comparison that a chat is, with the seeds and the sampling of its answers. */
export function comparisonOf(chat: Chat): Comparison {
  const rows = paneRows(chat);
  // A recording has a seed of its own.
  const firsts = rows.map(
    ({ answers, shared }) =>
      answers.find((answer) => answer && !answer.recordedAt) ?? answers.find(Boolean) ?? shared,
  );
  const first = firsts.find(Boolean);
  // One without an answer would shift the seeds of those behind it.
  const known = firsts.findIndex((answer) => !answer);
  return {
    ...{ panes: chat.panes ?? [], system: chat.system },
    questions: rows.map(({ question }) => question.content),
    seeds: firsts.slice(0, known < 0 ? undefined : known).flatMap((answer) => (answer ? [answer.seed] : [])),
    ...{ topP: first?.topP ?? null, maxTokens: first?.maxTokens ?? null },
  };
}

function formatPane({ model, temperature, isRecorded }: Pane): string {
  return `${model}:${temperature}${isRecorded ? ':recorded' : ''}`;
}

function parsePane(text: string, index: number): Pane {
  const [, model = '', temperature = '', recorded] =
    paneForm.exec(text) ?? fail(`does not say “${text}” clearly`);
  const { position } = parseDialId(model);
  if (position > highestDial) fail(`turns a dial to ${position}; the highest is ${highestDial}`);
  if (Number(temperature) > 5) fail(`asks for temperature ${temperature}; the highest is 5`);
  // The same at each reading, so that a field that changes the address keeps the focus.
  const pane = { id: `p${index + 1}`, model, temperature: Number(temperature) };
  return recorded ? { ...pane, isRecorded: true } : pane;
}

function parseSeed(text: string): number {
  const seed = Number(text);
  return Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff ? seed : fail(`has no seed “${text}”`);
}

function parseNumber(text: string | null, name: string, isFine: (value: number) => boolean): number | null {
  if (text === null) return null;
  const value = Number(text);
  return isFine(value) ? value : fail(`has no ${name} “${text}”`);
}

function isTokens(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 32_768;
}

function fail(what: string): never {
  throw new InputError(
    `The link to this comparison ${what}. Ask for it again, or mend it; it looks like ${example}.`,
  );
}
