import type { ChatTemplate } from './chatTemplate.ts';
import { applyMessageRules, type ChatMessage, type MessageRules } from './messageRules.ts';
import { promptIds, promptPieces, type ConvTemplate } from './promptPieces.ts';

const questions = [
  'Who are you?',
  ' What is\n\nthis?\n',
  'How much is $& and $$5, 12345?',
  'Ja, Zoë? \u{1F642}',
  '...',
];
const answers = ['I am Maria.', '\nA list:\n\n1. One\n', 'That is $1.', '', 'No'];
const systemText = 'You are Emily.\nYou pay $& or $$.';

/** Sentences about prompts that web-llm writes otherwise than the model's template, from 1 to 5 questions. */
export function describeDifferences(
  chat: ChatTemplate,
  template: ConvTemplate,
  rules: MessageRules,
): readonly string[] {
  return [false, true].flatMap((system) => {
    const found = questions.flatMap((_, index) => {
      const how = differenceOf(chat, template, rules, sampleMessages(index + 1, system));
      return how === null ? [] : [{ count: index + 1, how }];
    });
    const [first] = found;
    if (!first) return [];
    return [
      `With ${found.map(({ count }) => count).join(', ')} questions and ${system ? 'a' : 'no'} system message, ` +
        `web-llm's prompt differs from the model's own. ${first.how}`,
    ];
  });
}

function sampleMessages(count: number, system: boolean): ChatMessage[] {
  const messages: ChatMessage[] = system ? [{ role: 'system', content: systemText }] : [];
  for (let turn = 0; turn < count; turn += 1) {
    messages.push({ role: 'user', content: questions[turn] ?? '' });
    if (turn < count - 1) messages.push({ role: 'assistant', content: answers[turn] ?? '' });
  }
  return messages;
}

function differenceOf(
  chat: ChatTemplate,
  template: ConvTemplate,
  rules: MessageRules,
  messages: readonly ChatMessage[],
): string | null {
  const wanted = rendered(chat, messages);
  // What the template refuses, no prompt can differ from.
  if (wanted === null) return null;
  const sent = applyMessageRules(messages, rules);
  if (String(chat.encode(wanted)) === String(promptIds(template, sent, chat.encode))) return null;
  const begin = template.system_prefix_token_ids ? (chat.bosToken ?? '') : '';
  const got = begin + promptPieces(template, sent).join('');
  if (got === wanted) return 'The text is the same, but web-llm makes tokens of it in pieces.';
  const at = sharedLength(wanted, got);
  return `Where the model has ${excerpt(wanted, at)}, web-llm has ${excerpt(got, at)}.`;
}

function rendered(chat: ChatTemplate, messages: readonly ChatMessage[]): string | null {
  try {
    return chat.render(messages);
  } catch {
    return null;
  }
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

/** A little before the place too: a single bracket says nothing. */
function excerpt(text: string, at: number): string {
  return JSON.stringify(text.slice(Math.max(0, at - 8), at + 24));
}
