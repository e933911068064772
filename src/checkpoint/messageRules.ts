import { z } from 'zod';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

const around = { before: z.string(), after: z.string() };

const schema = z.object({
  /** Roles whose texts lose the white space at their ends. */
  trim: z.array(z.enum(['system', 'user', 'assistant'])),
  /** A turn of its own, or text at the start of the first or last user message, between `before` and `after`. */
  system: z.discriminatedUnion('place', [
    z.object({ place: z.literal('turn') }),
    z.object({ place: z.literal('first'), ...around }),
    z.object({ place: z.literal('last'), ...around }),
  ]),
});

/** What web-llm's conversation templates cannot say, done to the messages before web-llm gets them. */
export type MessageRules = z.infer<typeof schema>;

/** The rules of a checkpoint that says nothing about them, such as a published one. */
export const plainRules: MessageRules = { trim: [], system: { place: 'turn' } };

/** The rules in a parsed mlc-chat-config.json. */
export function readMessageRules(chatConfig: unknown): MessageRules {
  const found = z.object({ otherself: z.object({ messages: schema }) }).safeParse(chatConfig);
  return found.success ? found.data.otherself.messages : plainRules;
}

/**
 * Messages for web-llm: its prompt of them has the tokens that the model's chat template would give. Start
 * each request with an empty cache (`resetChat`): web-llm leaves out what ends an answer when it goes on from its
 * own.
 */
export function applyMessageRules(messages: readonly ChatMessage[], rules: MessageRules): ChatMessage[] {
  const trimmed = messages.map(({ role, content }) => ({
    role,
    content: rules.trim.includes(role) ? content.trim() : content,
  }));
  const [head] = trimmed;
  if (head?.role !== 'system') return trimmed;
  const turns = trimmed.slice(1);
  const { system } = rules;
  // web-llm fills its template by String.replace, which reads $& and the like.
  if (system.place === 'turn')
    return [{ role: 'system', content: head.content.replaceAll('$', '$$$$') }, ...turns];
  const isUser = ({ role }: ChatMessage) => role === 'user';
  const target = system.place === 'first' ? turns.findIndex(isUser) : turns.findLastIndex(isUser);
  return turns.map((message, index) =>
    index === target
      ? { ...message, content: `${system.before}${head.content}${system.after}${message.content}` }
      : message,
  );
}
