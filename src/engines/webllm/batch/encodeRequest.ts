import { z } from 'zod';
import { applyMessageRules, type MessageRules } from '../../../checkpoint/messageRules.ts';
import { type ConvTemplate, promptIds } from '../../../checkpoint/promptPieces.ts';
import { EngineError } from '../../../core/errors.ts';
import type { Message } from '../../../core/ports/engine.ts';
import type { BatchRuntime } from './batchRuntime.ts';

/** What web-llm 0.2.86 takes for a member that a published checkpoint leaves out. */
const separator = z
  .string()
  .nullish()
  .transform((value) => value ?? ': ');

const templateSchema = z.object({
  name: z.string().default(''),
  system_template: z.string(),
  system_message: z.string(),
  system_prefix_token_ids: z
    .array(z.int())
    .nullish()
    .transform((ids) => ids ?? []),
  add_role_after_system_message: z.boolean().default(true),
  render_empty_system_message: z.boolean().default(true),
  roles: z.object({ user: z.string(), assistant: z.string(), tool: z.string().default('') }),
  seps: z.array(z.string()).min(1),
  role_content_sep: separator,
  role_empty_sep: separator,
  stop_str: z.array(z.string()).default([]),
  stop_token_ids: z.array(z.int()).default([]),
}) satisfies z.ZodType<ConvTemplate>;

/** Token ids of a conversation, as web-llm would send them. */
export type EncodeRequest = (messages: readonly Message[]) => readonly number[];

/** Errors: throws when the checkpoint's template is none. */
export function encoderOf({ conversation, tokenizer }: BatchRuntime, rules: MessageRules): EncodeRequest {
  const template = templateSchema.parse(conversation.config);
  return (messages) => {
    refuseOrder(messages);
    return promptIds(template, applyMessageRules(messages, rules), (text) =>
      Array.from(tokenizer.encode(text)),
    );
  };
}

function refuseOrder(messages: readonly Message[]): void {
  if (messages.at(-1)?.role !== 'user')
    throw new EngineError('The model cannot be asked this conversation: its last message is not a question.');
  if (messages.slice(1).some(({ role }) => role === 'system'))
    throw new EngineError(
      'The model cannot be asked this conversation: a system message has to be the first.',
    );
}
