import { Template } from '@huggingface/jinja';
import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { CheckpointError } from './checkpointError.ts';
import type { ChatMessage } from './messageRules.ts';

/** The small text files of a model, parsed; null where the model has none. */
export interface ModelFiles {
  /** config.json */
  readonly config: unknown;
  /** generation_config.json */
  readonly generationConfig: unknown;
  /** tokenizer.json */
  readonly tokenizer: unknown;
  /** tokenizer_config.json */
  readonly tokenizerConfig: unknown;
  /** Text of chat_template.jinja, which goes before the template in tokenizer_config.json. */
  readonly chatTemplate: string | null;
}

/** How a model writes a conversation: its chat template and its tokenizer. */
export interface ChatTemplate {
  /** The prompt for the next answer. Throws what the template raises. */
  readonly render: (messages: readonly ChatMessage[]) => string;
  /** Token ids, without any that a tokenizer would add by itself. */
  readonly encode: (text: string) => readonly number[];
  readonly idOf: (token: string) => number | undefined;
  /** The token that the template writes first; null if it writes none. */
  readonly bosToken: string | null;
  /** Tokens that end an answer. */
  readonly stopTokens: readonly string[];
  /** Tokens that are cut out of a text before anything else is tokenised. */
  readonly addedTokens: readonly string[];
  /** True if the template asks for the date of the day. */
  readonly dated: boolean;
}

const tokenSchema = z
  .union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)])
  .nullish();
const settingsSchema = z.object({
  bos_token: tokenSchema,
  eos_token: tokenSchema,
  chat_template: z
    .union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))])
    .nullish(),
});
const tokenizerSchema = z.looseObject({
  added_tokens: z.array(z.object({ id: z.int(), content: z.string() })).default([]),
});
const idsSchema = z.object({ eos_token_id: z.union([z.int(), z.array(z.int())]).nullish() });

/** The date that a template gets if it asks for one: that of Llama 3.1's own template. */
const fixedDate = '26 Jul 2024';

/** Returns null if the model has no chat template. Throws {@link CheckpointError} for files that are none. */
export function openChatTemplate(files: ModelFiles): ChatTemplate | null {
  const settings = read(settingsSchema, files.tokenizerConfig ?? {}, 'tokenizer_config.json');
  const source = files.chatTemplate ?? named(settings.chat_template);
  if (!source) return null;
  const tokens = read(tokenizerSchema, files.tokenizer, 'tokenizer.json').added_tokens;
  const template = new Template(source);
  const tokenizer = new Tokenizer(files.tokenizer as object, files.tokenizerConfig ?? {});
  const { bos_token: bos, eos_token: eos } = settings;
  const special = { ...(bos ? { bos_token: bos } : {}), ...(eos ? { eos_token: eos } : {}) };
  const dated = source.includes('strftime_now');
  const render = (messages: readonly ChatMessage[], changes: object = {}) =>
    template.render({
      messages: messages.map((message) => ({ ...message })),
      tools: null,
      documents: null,
      add_generation_prompt: true,
      ...(dated ? { date_string: fixedDate } : {}),
      ...special,
      ...changes,
    });
  return {
    render,
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    idOf: (token) => tokenizer.token_to_id(token),
    bosToken: bos && writesBos((changes) => render([{ role: 'user', content: 'Q' }], changes)) ? bos : null,
    stopTokens: stopTokens(files, tokens, eos),
    addedTokens: tokens.map(({ content }) => content),
    dated,
  };
}

/** A token that merely looks like it, as <|im_start|> does in ChatML, belongs to the text. */
function writesBos(render: (changes: object) => string): boolean {
  const stand = 'BEGINNING';
  try {
    return render({ bos_token: stand }).startsWith(stand);
  } catch {
    // A template that raises an error for a single question writes nothing at all; splitTurns says so.
    return false;
  }
}

function named(template: z.infer<typeof settingsSchema>['chat_template']): string | null | undefined {
  if (!Array.isArray(template)) return template;
  return (template.find(({ name }) => name === 'default') ?? template[0])?.template;
}

function stopTokens(
  files: ModelFiles,
  tokens: readonly { id: number; content: string }[],
  eos: string | null | undefined,
): string[] {
  const contents = stopIds(files).flatMap((id) => tokens.find((token) => token.id === id)?.content ?? []);
  return [...new Set([...contents, ...(eos ? [eos] : [])])];
}

/** Ids that end an answer: those of generation_config.json, or else of config.json. */
export function stopIds({ config, generationConfig }: ModelFiles): number[] {
  for (const json of [generationConfig, config]) {
    const found = idsSchema.safeParse(json).data?.eos_token_id;
    if (found !== null && found !== undefined) return [found].flat();
  }
  return [];
}

function read<Schema extends z.ZodType>(schema: Schema, json: unknown, file: string): z.infer<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new CheckpointError(`${file} cannot be read: ${z.prettifyError(parsed.error)}`);
}
