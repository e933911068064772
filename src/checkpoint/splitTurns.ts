import type { ChatTemplate } from './chatTemplate.ts';
import type { ChatMessage, MessageRules } from './messageRules.ts';
import { placeholder } from './promptPieces.ts';

/** Words that no chat template contains, to be found again in what it makes of them. */
const marks = {
  system: 'SYSTEMWORDS',
  first: 'FIRSTQUESTION',
  answer: 'FIRSTANSWER',
  second: 'SECONDQUESTION',
};

const system: ChatMessage = { role: 'system', content: marks.system };
const first: ChatMessage = { role: 'user', content: marks.first };
const answer: ChatMessage = { role: 'assistant', content: marks.answer };
const second: ChatMessage = { role: 'user', content: marks.second };

/** The texts that a chat template puts around messages. */
export interface Turns {
  /** Before each question and each answer, less the separator that both have. */
  readonly user: string;
  readonly assistant: string;
  readonly contentSeparator: string;
  /** After the assistant's role where an answer is to begin. */
  readonly emptySeparator: string;
  /** After each question and each answer. */
  readonly ends: readonly [string, string];
  /** Of those that end an answer in a conversation. */
  readonly stopTokens: readonly string[];
  readonly system: SystemPlace;
  readonly trim: MessageRules['trim'];
  /** What stands before the first question if there is no system message. */
  readonly always: string;
}

interface SystemPlace {
  readonly rule: MessageRules['system'];
  readonly template: string;
  /** What the template says if no system message is sent. */
  readonly message: string;
  /** True if an empty system message is written too. */
  readonly empty: boolean;
  readonly withRole: boolean;
  readonly refused: boolean;
}

/** The texts between messages of a short conversation, as the template writes it. */
interface Gaps {
  readonly before: string;
  readonly toAnswer: string;
  readonly toQuestion: string;
  readonly toReply: string;
}

/** Takes a chat template apart by rendering it, or says why that is impossible. */
export function splitTurns(chat: ChatTemplate): Turns | { readonly problem: string } {
  const gaps = gapsOf(chat);
  if ('problem' in gaps) return gaps;
  const user = questionStart(chat, gaps);
  const answerEnd = gaps.toQuestion.endsWith(user)
    ? gaps.toQuestion.slice(0, gaps.toQuestion.length - user.length)
    : gaps.toQuestion.slice(0, turnStart(chat, gaps.toQuestion));
  const questionEnd = gaps.toReply.slice(0, turnStart(chat, gaps.toReply));
  const past = gaps.toAnswer.slice(questionEnd.length);
  const next = gaps.toReply.slice(questionEnd.length);
  // web-llm has one separator for both roles, and another for the answer to come.
  const shared = past.startsWith(next) ? past.slice(next.length) : '';
  const contentSeparator = user.endsWith(shared) ? shared : '';
  const emptySeparator = next.startsWith(past) ? next.slice(past.length) : '';
  return {
    user: user.slice(0, user.length - contentSeparator.length),
    assistant: next.slice(0, next.length - emptySeparator.length),
    contentSeparator,
    emptySeparator,
    ends: [questionEnd, answerEnd],
    stopTokens: chat.addedTokens.filter((token) => answerEnd.includes(token) && token !== chat.bosToken),
    system: systemPlace(chat, gaps, user),
    trim: trimmedRoles(chat),
    always: gaps.before.slice(0, gaps.before.length - user.length),
  };
}

function gapsOf(chat: ChatTemplate): Gaps | { readonly problem: string } {
  try {
    const [before, toReply] = between(withoutBos(chat, [first]), [marks.first]) ?? [];
    if (before === undefined || toReply === undefined) {
      return { problem: 'The chat template leaves the question out: the model gets the bare texts.' };
    }
    const long = between(withoutBos(chat, [first, answer, second]), [
      marks.first,
      marks.answer,
      marks.second,
    ]);
    const [, toAnswer = toReply, toQuestion = before] = long ?? [];
    return { before, toReply, toAnswer, toQuestion };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { problem: `The chat template cannot be read (${reason}): the model gets the bare texts.` };
  }
}

/** What stands before a question in the middle of a conversation; the rest of the gap ends the answer. */
function questionStart(chat: ChatTemplate, { before, toQuestion }: Gaps): string {
  if (toQuestion.endsWith(before)) return before;
  const start = toQuestion.slice(turnStart(chat, toQuestion));
  if (before.endsWith(start)) return start;
  // With nothing in common at least a single question is as it should be.
  return commonEnd(before, toQuestion) || before;
}

/** Where a new turn starts in the text after a message: at the first token after those that stop an answer. */
function turnStart(chat: ChatTemplate, text: string): number {
  const stop = Math.max(...chat.stopTokens.map((token) => endOfLast(text, token)), 0);
  const tokens = chat.addedTokens.map((token) => text.indexOf(token, stop)).filter((at) => at >= 0);
  if (tokens.length > 0) return Math.min(...tokens);
  return stop;
}

function endOfLast(text: string, token: string): number {
  const at = text.lastIndexOf(token);
  return at < 0 ? 0 : at + token.length;
}

function systemPlace(chat: ChatTemplate, { before }: Gaps, user: string): SystemPlace {
  const refused: SystemPlace = {
    ...folded({ place: 'first', before: '', after: '\n\n' }, user),
    refused: true,
  };
  const short = tryBetween(chat, [system, first], [marks.system, marks.first]);
  if (!short) return refused;
  const [start = '', middle = ''] = short;
  const own = user !== '' && middle.endsWith(user);
  if (own) return ownTurn(before, user, start, middle);
  if (!start.startsWith(before)) return refused;
  const around = { before: start.slice(before.length), after: middle };
  const inOrder = [marks.system, marks.first, marks.answer, marks.second];
  const early = tryBetween(chat, [system, first, answer, second], inOrder);
  return folded({ place: early ? 'first' : 'last', ...around }, user);
}

function ownTurn(before: string, user: string, start: string, middle: string): SystemPlace {
  const rule = { place: 'turn' } as const;
  const template = `${start}${placeholder}${middle.slice(0, middle.length - user.length)}`;
  const common = { rule, template, withRole: true, refused: false };
  const end = before.length - middle.length;
  const always = end >= start.length && before.startsWith(start) && before.endsWith(middle);
  if (!always) return { ...common, message: '', empty: false };
  return { ...common, message: before.slice(start.length, end), empty: true };
}

/** For clients that know nothing of the rule, the template puts the system message before the first question. */
function folded(rule: Exclude<MessageRules['system'], { place: 'turn' }>, user: string): SystemPlace {
  const template = `${user}${rule.before}${placeholder}${rule.after}`;
  return { rule, template, message: '', empty: false, withRole: false, refused: false };
}

function trimmedRoles(chat: ChatTemplate): MessageRules['trim'] {
  const padded = (message: ChatMessage) => ({ ...message, content: `  ${message.content}  ` });
  const samples: [MessageRules['trim'][number], ChatMessage[], string][] = [
    ['system', [padded(system), first], marks.system],
    ['user', [padded(first), answer, second], marks.first],
    ['assistant', [first, padded(answer), second], marks.answer],
  ];
  return samples.flatMap(([role, messages, mark]) => {
    const text = tryRender(chat, messages);
    return text?.includes(mark) && !text.includes(`  ${mark}  `) ? [role] : [];
  });
}

function withoutBos(chat: ChatTemplate, messages: readonly ChatMessage[]): string {
  const text = chat.render(messages);
  return chat.bosToken !== null && text.startsWith(chat.bosToken) ? text.slice(chat.bosToken.length) : text;
}

/** Null for messages that the template refuses: it raises an error for those. */
function tryRender(chat: ChatTemplate, messages: readonly ChatMessage[]): string | null {
  try {
    return withoutBos(chat, messages);
  } catch {
    return null;
  }
}

function tryBetween(chat: ChatTemplate, messages: readonly ChatMessage[], words: readonly string[]) {
  const text = tryRender(chat, messages);
  return text === null ? null : between(text, words);
}

/** The texts before, between and after words; null unless each is there, in this order. */
function between(text: string, words: readonly string[]): string[] | null {
  const gaps: string[] = [];
  let from = 0;
  for (const word of words) {
    const at = text.indexOf(word, from);
    if (at < 0) return null;
    gaps.push(text.slice(from, at));
    from = at + word.length;
  }
  return [...gaps, text.slice(from)];
}

function commonEnd(a: string, b: string): string {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a.at(-length - 1) === b.at(-length - 1)) length += 1;
  return a.slice(a.length - length);
}
