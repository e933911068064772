import type { ChatTemplate } from './chatTemplate.ts';
import { plainRules, type MessageRules } from './messageRules.ts';
import { placeholder, type ConvTemplate } from './promptPieces.ts';
import { splitTurns, type Turns } from './splitTurns.ts';
import { describeDifferences } from './templateDifferences.ts';

export interface Conversation {
  readonly template: ConvTemplate;
  readonly rules: MessageRules;
  /** Sentences for the user: what the template does that is not plain to see. web-llm does it too. */
  readonly facts: readonly string[];
  /** Sentences for the user: where web-llm's prompt differs from the model's own template. Empty if nowhere. */
  readonly differences: readonly string[];
}

/**
 * Finds the conversation template that gives the tokens of the model's own chat template, by rendering that and
 * comparing. What web-llm cannot express at all is among the differences.
 */
export function detectConversation(chat: ChatTemplate | null, stopIds: readonly number[]): Conversation {
  if (!chat) return plainConversation(stopIds, 'The model has no chat template: it gets the bare texts.');
  const found = splitTurns(chat);
  if ('problem' in found) return plainConversation(stopIds, found.problem);
  const rules: MessageRules = { trim: found.trim, system: found.system.rule };
  const template = templateOf(chat, found, stopIds);
  return {
    template,
    rules,
    facts: factsOf(chat, found),
    differences: describeDifferences(chat, template, rules),
  };
}

function plainConversation(stopIds: readonly number[], difference: string): Conversation {
  const template: ConvTemplate = {
    name: 'plain',
    system_template: placeholder,
    system_message: '',
    add_role_after_system_message: true,
    render_empty_system_message: false,
    roles: { user: '', assistant: '', tool: '' },
    seps: [''],
    role_content_sep: '',
    role_empty_sep: '',
    stop_str: [],
    stop_token_ids: stopIds,
  };
  return { template, rules: plainRules, facts: [], differences: [difference] };
}

/** Without role_templates: web-llm would fill them by String.replace, which reads $& in what the user wrote. */
function templateOf(chat: ChatTemplate, turns: Turns, stopIds: readonly number[]): ConvTemplate {
  const bosId = chat.bosToken === null ? undefined : chat.idOf(chat.bosToken);
  const stops = turns.stopTokens.flatMap((token) => chat.idOf(token) ?? []);
  const { empty, template, message, withRole } = turns.system;
  return {
    name: 'chat_template',
    system_template: template,
    system_message: message.replaceAll('$', '$$$$'),
    ...(bosId === undefined ? {} : { system_prefix_token_ids: [bosId] }),
    add_role_after_system_message: withRole,
    ...(empty ? {} : { render_empty_system_message: false }),
    roles: { user: turns.user, assistant: turns.assistant, tool: turns.user },
    seps: turns.ends[0] === turns.ends[1] ? [turns.ends[0]] : turns.ends,
    role_content_sep: turns.contentSeparator,
    role_empty_sep: turns.emptySeparator,
    stop_str: [],
    stop_token_ids: [...new Set([...stopIds, ...stops])],
  };
}

const places = { first: 'first', last: 'last' };

function factsOf(chat: ChatTemplate, { system, trim, always }: Turns): string[] {
  const facts: string[] = [];
  const bare = chat.addedTokens.reduce((text, token) => text.replaceAll(token, ' '), always);
  // Without the name of the role, which many templates write before the text.
  const words = bare
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^system /, '');
  if (words) facts.push(`Without a system message, each prompt begins with: "${words}".`);
  if (chat.dated)
    facts.push('The chat template asks for the date of the day; here it is always the same one.');
  if (system.refused) facts.push('The model knows no system message; one is put before the first question.');
  else if (system.rule.place !== 'turn') {
    facts.push(`A system message becomes the beginning of the ${places[system.rule.place]} question.`);
  }
  if (trim.length > 0) facts.push('White space at the ends of messages is left out.');
  return facts;
}
