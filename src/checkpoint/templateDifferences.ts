import type { ChatTemplate } from './chatTemplate.ts';
import { applyMessageRules, type ChatMessage, type MessageRules } from './messageRules.ts';
import { promptIds, type ConvTemplate } from './promptPieces.ts';

const questions = [
  'Who are you?',
  ' What is\n\nthis?\n',
  'How much is $& and $$5, 12345?',
  'Ja, Zoë? \u{1F642}',
  '...',
];
const answers = ['I am Maria.', '\nA list:\n\n1. One\n', 'That is $1.', '', 'No'];
const systemText = 'You are Emily.\nYou pay $& or $$.';

/** Sentences about prompts that web-llm writes otherwise than the model's template, from 1 to 5 turns. */
export function describeDifferences(
  chat: ChatTemplate,
  template: ConvTemplate,
  rules: MessageRules,
): readonly string[] {
  return [false, true].flatMap((system) => {
    const unequal = [1, 2, 3, 4, 5].filter((turns) => {
      const messages = sampleMessages(turns, system);
      const wanted = rendered(chat, messages);
      // What the template refuses, no prompt can differ from.
      if (wanted === null) return false;
      const got = promptIds(template, applyMessageRules(messages, rules), chat.encode);
      return String(chat.encode(wanted)) !== String(got);
    });
    if (unequal.length === 0) return [];
    return [
      `web-llm's prompt has other tokens than the model's chat template ${system ? 'with' : 'without'} ` +
        `a system message, in conversations of ${unequal.join(', ')} questions.`,
    ];
  });
}

function sampleMessages(turns: number, system: boolean): ChatMessage[] {
  const messages: ChatMessage[] = system ? [{ role: 'system', content: systemText }] : [];
  for (let turn = 0; turn < turns; turn += 1) {
    messages.push({ role: 'user', content: questions[turn] ?? '' });
    if (turn < turns - 1) messages.push({ role: 'assistant', content: answers[turn] ?? '' });
  }
  return messages;
}

function rendered(chat: ChatTemplate, messages: readonly ChatMessage[]): string | null {
  try {
    return chat.render(messages);
  } catch {
    return null;
  }
}
