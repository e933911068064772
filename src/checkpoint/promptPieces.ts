import type { ChatMessage } from './messageRules.ts';

/** `conv_template` of mlc-chat-config.json, as web-llm 0.2.86 reads it. */
export interface ConvTemplate {
  readonly name: string;
  readonly system_template: string;
  readonly system_message: string;
  readonly system_prefix_token_ids?: readonly number[];
  readonly add_role_after_system_message: boolean;
  readonly render_empty_system_message?: boolean;
  readonly roles: Readonly<Record<'user' | 'assistant' | 'tool', string>>;
  readonly seps: readonly string[];
  readonly role_content_sep: string;
  readonly role_empty_sep: string;
  readonly stop_str: readonly string[];
  readonly stop_token_ids: readonly number[];
}

export const placeholder = '{system_message}';

/** The texts that web-llm 0.2.86 tokenises one by one: Conversation.getPromptArray of a fresh conversation. */
export function promptPieces(template: ConvTemplate, messages: readonly ChatMessage[]): string[] {
  const [head] = messages;
  const own = head?.role === 'system';
  const text = own ? head.content : template.system_message;
  const left = text === '' && template.render_empty_system_message === false;
  const system = left ? '' : template.system_template.replace(placeholder, text);
  const turns = (own ? messages.slice(1) : messages).map(({ role, content }, index) => {
    const bare = index === 0 && system !== '' && !template.add_role_after_system_message;
    const role_ = role === 'system' ? '' : template.roles[role];
    const end = template.seps[index % template.seps.length] ?? '';
    return `${bare ? '' : role_ + template.role_content_sep}${content}${end}`;
  });
  return [...(system ? [system] : []), ...turns, template.roles.assistant + template.role_empty_sep];
}

/** Token ids of web-llm's prompt. */
export function promptIds(
  template: ConvTemplate,
  messages: readonly ChatMessage[],
  encode: (text: string) => readonly number[],
): number[] {
  const pieces = promptPieces(template, messages);
  return [...(template.system_prefix_token_ids ?? []), ...pieces.flatMap((piece) => [...encode(piece)])];
}
