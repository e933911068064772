import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AutoTokenizer, env } from '@huggingface/transformers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openChatTemplate, stopIds, type ModelFiles } from './chatTemplate.ts';
import { detectConversation } from './conversation.ts';
import { applyMessageRules, plainRules, readMessageRules, type ChatMessage } from './messageRules.ts';
import { promptIds, promptPieces, type ConvTemplate } from './promptPieces.ts';
import { describeDifferences } from './templateDifferences.ts';

const folder = fileURLToPath(new URL('../../models/webllm/reference/conversations/', import.meta.url));
const readJson = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), 'utf8'));

interface Reference {
  readonly conversations: readonly { name: string; messages: ChatMessage[] }[];
  readonly expected: readonly { tokenizer: string; conversation: string; ids: number[] }[];
}
const reference = readJson('expected.json') as Reference;
const messagesOf = (name: string) => reference.conversations.find((one) => one.name === name)?.messages ?? [];

function filesOf(tokenizer: string, changes: Partial<ModelFiles> = {}): ModelFiles {
  return {
    config: {},
    generationConfig: readJson(`${tokenizer}/generation_config.json`),
    tokenizer: readJson(`${tokenizer}/tokenizer.json`),
    tokenizerConfig: readJson(`${tokenizer}/tokenizer_config.json`),
    chatTemplate: null,
    ...changes,
  };
}

function detect(files: ModelFiles) {
  const chat = openChatTemplate(files);
  return { chat: chat!, ...detectConversation(chat, stopIds(files)) };
}

/** What of web-llm's own module is not exported, and is tested here. */
interface WebLlm {
  readonly LLMChatPipeline: {
    readonly prototype: { getInputData(this: object): Promise<[number[][], number, unknown]> };
  };
  readonly Role: { readonly user: number; readonly assistant: number };
  readonly getConversationFromChatCompletionRequest: (
    request: object,
    config: object,
    all: boolean,
  ) => { appendReplyHeader(role: number): void; getPromptArrayLastRound(): string[] };
  readonly tokenizers: {
    readonly Tokenizer: { fromJSON(json: ArrayBuffer): Promise<{ encode(text: string): Int32Array }> };
  };
}

let webLlm: WebLlm;
const temporary = mkdtempSync(join(tmpdir(), 'web-llm-'));

beforeAll(async () => {
  env.allowRemoteModels = false;
  env.localModelPath = folder;
  // A copy of the published file that also exports what its prompts are made by, and with what its build took away
  // from Node: an import, and the place of the file.
  const source = new URL('../../node_modules/@mlc-ai/web-llm/lib/index.js', import.meta.url);
  const copy = join(temporary, 'webLlm.mjs');
  const here = JSON.stringify(pathToFileURL(copy).href);
  const names = 'LLMChatPipeline, Role, getConversationFromChatCompletionRequest, libExports as tokenizers';
  const text = readFileSync(source, 'utf8')
    .replaceAll('"MLC_DUMMY_PATH"', here)
    .replace(/\/\/# sourceMappingURL.*/, '');
  writeFileSync(copy, `import { createRequire } from 'node:module';\n${text}\nexport { ${names} };\n`);
  webLlm = (await import(/* @vite-ignore */ pathToFileURL(copy).href)) as WebLlm;
});

afterAll(() => rmSync(temporary, { recursive: true }));

/** The ids that web-llm 0.2.86 would prefill for a request, from its own code and tokenizer. */
async function webLlmIds(template: ConvTemplate, messages: readonly ChatMessage[], tokenizerJson: unknown) {
  const bytes = new TextEncoder().encode(JSON.stringify(tokenizerJson));
  const tokenizer = await webLlm.tokenizers.Tokenizer.fromJSON(bytes.buffer);
  const config = { conv_template: template };
  const conversation = webLlm.getConversationFromChatCompletionRequest({ messages }, config, true);
  conversation.appendReplyHeader(webLlm.Role.assistant);
  const pipeline = {
    conversation,
    tokenizer,
    config,
    filledKVCacheLength: 0,
    slidingWindowSize: -1,
    contextWindowSize: 4096,
    imageDataCache: new Map(),
  };
  const [ids] = await webLlm.LLMChatPipeline.prototype.getInputData.call(pipeline);
  return ids.flat();
}

const cases = [
  'llama-3.1',
  'mistral-v0.3-prepend',
  'mistral-v0.3-metaspace',
  'mistral-v0.1-prepend',
  'smollm2',
] as const;

describe.each(cases)('%s', (name) => {
  const files = filesOf(name);
  const { chat, template, rules, differences } = detect(files);
  const expected = reference.expected.filter(({ tokenizer }) => tokenizer === name);

  test('is expressed by web-llm without a difference', () => {
    expect(differences).toEqual([]);
    expect(expected).toHaveLength(reference.conversations.length);
    expect(expected).toHaveLength(16);
  });

  test.each(expected)('$conversation: web-llm, transformers.js and Python have the same ids', async (one) => {
    const messages = messagesOf(one.conversation);
    const tokenizer = await AutoTokenizer.from_pretrained(name);
    const own = tokenizer.apply_chat_template(messages, {
      add_generation_prompt: true,
      tokenize: true,
      return_tensor: false,
      return_dict: false,
    });
    expect(own).toEqual(one.ids);
    const sent = applyMessageRules(messages, rules);
    expect(await webLlmIds(template, sent, files.tokenizer)).toEqual(one.ids);
    expect(promptIds(template, sent, chat.encode)).toEqual(one.ids);
  });
});

const fixture = fileURLToPath(new URL('../../models/webllm/fixture/', import.meta.url));

interface Expectation {
  readonly system: string | null;
  /** Of each model; each answer is a part of the next prompt. */
  readonly turns: Readonly<Record<string, readonly { question: string; prompt: number[]; text: string }[]>>;
}

describe.each([
  ['base', 'expected.json'],
  ['mistral-base', 'mistral-expected.json'],
])('the fixture %s', (base, expectations) => {
  const text = (name: string) => readFileSync(join(fixture, base, name), 'utf8');
  const json = (name: string): unknown => JSON.parse(text(name));
  const read = () => ({
    config: json('config.json'),
    generationConfig: json('generation_config.json'),
    tokenizer: json('tokenizer.json'),
    tokenizerConfig: json('tokenizer_config.json'),
    // One of the two has its template in tokenizer_config.json.
    chatTemplate: existsSync(join(fixture, base, 'chat_template.jinja')) ? text('chat_template.jinja') : null,
  });

  test('is asked by web-llm as by Python', async () => {
    const files = read();
    const { template, rules, differences } = detect(files);
    expect(differences).toEqual([]);
    const { conversations } = JSON.parse(readFileSync(join(fixture, expectations), 'utf8')) as {
      conversations: Expectation[];
    };
    const turns = conversations.flatMap(({ system, turns: models }) =>
      Object.values(models).flatMap((all) =>
        all.map((turn, index) => ({ system, turn, past: all.slice(0, index) })),
      ),
    );
    expect(turns.length).toBeGreaterThan(20);
    for (const { system, turn, past } of turns) {
      const messages: ChatMessage[] = [
        ...(system === null ? [] : [{ role: 'system' as const, content: system }]),
        ...past.flatMap((one) => [
          { role: 'user' as const, content: one.question },
          { role: 'assistant' as const, content: one.text },
        ]),
        { role: 'user', content: turn.question },
      ];
      expect(await webLlmIds(template, applyMessageRules(messages, rules), files.tokenizer)).toEqual(
        turn.prompt,
      );
    }
  });
});

describe('what is found', () => {
  test('Llama 3.1: the dates, the turns and all stop tokens', () => {
    const { template, rules, facts } = detect(filesOf('llama-3.1'));
    expect(template.system_template).toBe(
      '<|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\n' +
        'Today Date: 26 Jul 2024\n\n{system_message}<|eot_id|>',
    );
    expect(template.system_message).toBe('');
    expect(template.seps).toEqual(['<|eot_id|>']);
    expect(template.stop_token_ids).toHaveLength(3);
    expect(rules.trim).toEqual(['system', 'user', 'assistant']);
    expect(facts).toContain(
      'Without a system message, each prompt begins with: ' +
        '"Cutting Knowledge Date: December 2023 Today Date: 26 Jul 2024".',
    );
  });

  test('Mistral v0.3: </s> after past answers, and the system message in the last question', () => {
    const { template, rules, facts } = detect(filesOf('mistral-v0.3-prepend'));
    expect(template).toMatchObject({
      roles: { user: '[INST]', assistant: '[/INST]' },
      seps: ['', '</s>'],
      role_content_sep: ' ',
      role_empty_sep: '',
      system_prefix_token_ids: [1],
      stop_token_ids: [2],
    });
    expect(rules.system).toEqual({ place: 'last', before: '', after: '\n\n' });
    expect(facts).toContain('A system message becomes the beginning of the last question.');
  });

  test('ChatML: a token that begins the text is no token that begins every prompt', () => {
    const { template } = detect(filesOf('smollm2'));
    expect(template.system_prefix_token_ids).toBeUndefined();
    expect(template.system_message).toBe('You are a helpful AI assistant.');
  });

  test('no template holds role_templates, which would read $& in what a user writes', () => {
    for (const name of cases) expect(detect(filesOf(name)).template).not.toHaveProperty('role_templates');
  });
});

const withTemplate = (tokenizer: string, chatTemplate: string) =>
  detect(filesOf(tokenizer, { chatTemplate }));

describe('other templates', () => {
  test('ChatML without a system text of its own', async () => {
    const source =
      "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}" +
      "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
    const { template, differences, facts } = withTemplate('smollm2', source);
    expect(differences).toEqual([]);
    expect(facts).toEqual([]);
    expect(promptPieces(template, [{ role: 'user', content: 'Q' }])).toEqual([
      '<|im_start|>user\nQ<|im_end|>\n',
      '<|im_start|>assistant\n',
    ]);
  });

  test('Llama 2: marks around the system message, and a beginning before each question', () => {
    const source =
      "{% if messages[0]['role'] == 'system' %}{% set system = '<<SYS>>\\n' + messages[0]['content'] + " +
      "'\\n<</SYS>>\\n\\n' %}{% set rest = messages[1:] %}{% else %}{% set system = '' %}" +
      '{% set rest = messages %}{% endif %}{% for m in rest %}{% if m.role == "user" %}' +
      "{{ bos_token + '[INST] ' + (system if loop.first else '') + m['content'] + ' [/INST]' }}" +
      "{% else %}{{ ' ' + m['content'] + ' ' + eos_token }}{% endif %}{% endfor %}";
    const { template, rules, differences } = withTemplate('mistral-v0.3-prepend', source);
    expect(rules.system).toEqual({ place: 'first', before: '<<SYS>>\n', after: '\n<</SYS>>\n\n' });
    expect(template.seps).toEqual([' ', ' </s><s>']);
    // An answer's space before </s> is text of its own once more.
    expect(differences).toEqual([]);
  });

  test('a text put before each answer to come', () => {
    const source =
      "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}" +
      "{% endfor %}{{ '<|im_start|>assistant\n<think>\n' }}";
    const { template, differences } = withTemplate('smollm2', source);
    expect(template.role_empty_sep).toBe('<think>\n');
    expect(differences).toEqual([]);
  });

  test('a system message that the template refuses goes before the first question', () => {
    const source =
      "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('No') }}" +
      "{% elif m.role == 'user' %}{{ '[INST] ' + m.content + '[/INST]' }}" +
      "{% else %}{{ ' ' + m.content + eos_token }}{% endif %}{% endfor %}";
    const { rules, facts, differences } = withTemplate('mistral-v0.3-prepend', source);
    expect(rules.system).toEqual({ place: 'first', before: '', after: '\n\n' });
    expect(facts).toContain('The model knows no system message; one is put before the first question.');
    expect(differences).toEqual([]);
  });

  test('one that asks for the date gets a fixed one', () => {
    const source =
      '{% if not date_string is defined %}{% set date_string = strftime_now("%d %b %Y") %}{% endif %}' +
      "{{ bos_token + '[INST] ' + date_string + '[/INST]' }}{{ messages[0].content }}";
    const { chat, facts } = withTemplate('mistral-v0.3-prepend', source);
    expect(chat.render([{ role: 'user', content: 'Q' }])).toBe('<s>[INST] 26 Jul 2024[/INST]Q');
    expect(facts).toContain(
      'The chat template asks for the date of the day; here it is always the same one.',
    );
  });
});

describe('differences are told', () => {
  test('of a piece that gains a space when it is tokenised alone', () => {
    const source =
      "{% for m in messages %}{{ m.role + ': ' + m.content + '\n' }}{% endfor %}{{ 'assistant:' }}";
    expect(withTemplate('mistral-v0.3-metaspace', source).differences).toEqual([
      "With 1, 2, 3, 4, 5 questions and no system message, web-llm's prompt differs from the model's own. " +
        'The text is the same, but web-llm makes tokens of it in pieces.',
      "With 1, 2, 3, 4, 5 questions and a system message, web-llm's prompt differs from the model's own. " +
        'The text is the same, but web-llm makes tokens of it in pieces.',
    ]);
  });

  test('of a template that counts its turns', () => {
    const source =
      "{% for m in messages %}{{ '<|im_start|>' + loop.index|string + m.content + '<|im_end|>' }}{% endfor %}" +
      "{{ '<|im_start|>' }}";
    const { differences } = withTemplate('smollm2', source);
    expect(differences[0]).toBe(
      "With 2, 3, 4, 5 questions and no system message, web-llm's prompt differs from the model's own. " +
        'Where the model has "_start|>2I am Maria.<|im_end|><|", web-llm has "_start|>I am Maria.<|im_end|><|i".',
    );
  });

  test('of a model without a chat template, and of one that cannot be read', () => {
    const bare = detect(filesOf('smollm2', { tokenizerConfig: null }));
    expect(bare.differences).toEqual(['The model has no chat template: it gets the bare texts.']);
    expect(promptPieces(bare.template, [{ role: 'user', content: 'Q' }])).toEqual(['Q', '']);
    const broken = withTemplate('smollm2', '{{ raise_exception("Nothing today") }}');
    expect(broken.differences).toEqual([
      'The chat template cannot be read (Nothing today): the model gets the bare texts.',
    ]);
  });
});

/** Those in MLC's own checkpoints of these models, without the system message that they add unless one is sent. */
const stock = {
  llama: {
    name: 'llama-3_1',
    system_template: '<|start_header_id|>system<|end_header_id|>\n\n{system_message}<|eot_id|>',
    system_message: '',
    system_prefix_token_ids: [476],
    add_role_after_system_message: true,
    roles: {
      user: '<|start_header_id|>user',
      assistant: '<|start_header_id|>assistant',
      tool: '<|start_header_id|>ipython',
    },
    seps: ['<|eot_id|>'],
    role_content_sep: '<|end_header_id|>\n\n',
    role_empty_sep: '<|end_header_id|>\n\n',
    stop_str: [],
    stop_token_ids: [],
  },
  mistral: {
    name: 'mistral_default',
    system_template: '[INST] {system_message}',
    system_message: '',
    system_prefix_token_ids: [1],
    add_role_after_system_message: false,
    roles: { user: '[INST]', assistant: '[/INST]', tool: '[INST]' },
    seps: [' '],
    role_content_sep: ' ',
    role_empty_sep: '',
    stop_str: ['</s>'],
    stop_token_ids: [2],
  },
} satisfies Record<string, ConvTemplate>;

describe("what MLC's own templates do otherwise", () => {
  test.each([
    [
      'llama-3.1',
      stock.llama,
      'Where the model has "r_id|>\\n\\nCutting Knowledge Date: ", web-llm has "r_id|>\\n\\n<|eot_id|><|start_header".',
    ],
    [
      'mistral-v0.3-prepend',
      stock.mistral,
      'Where the model has "are you?[/INST]", web-llm has "are you? [/INST]".',
    ],
  ] as const)('%s', (name, template, how) => {
    const { chat } = detect(filesOf(name));
    const [bare, withSystem] = describeDifferences(chat, template, plainRules);
    expect(bare).toBe(
      `With 1, 2, 3, 4, 5 questions and no system message, web-llm's prompt differs from the model's own. ${how}`,
    );
    expect(withSystem).toContain('and a system message');
  });
});

describe('traps of web-llm', () => {
  const messages: ChatMessage[] = [
    { role: 'system', content: 'Take $$5.' },
    { role: 'user', content: 'Q' },
  ];

  test('a system message with $ is read as a pattern unless the rules escape it', async () => {
    const files = filesOf('llama-3.1');
    const { chat, template, rules } = detect(files);
    const wanted = chat.encode(chat.render(messages));
    expect(await webLlmIds(template, messages, files.tokenizer)).not.toEqual(wanted);
    const escaped = applyMessageRules(messages, rules);
    expect(await webLlmIds(template, escaped, files.tokenizer)).toEqual(wanted);
  });

  test('a conversation that goes on from its own cache gets no end of the last answer', () => {
    const { template } = detect(filesOf('llama-3.1'));
    const request = { messages: messagesOf('2 turns, no system') };
    const config = { conv_template: template };
    const conversation = webLlm.getConversationFromChatCompletionRequest(request, config, true);
    conversation.appendReplyHeader(webLlm.Role.assistant);
    expect(conversation.getPromptArrayLastRound()[0]).toMatch(/^<\|start_header_id\|>user/);
    expect(promptPieces(template, request.messages)[2]).toMatch(/<\|eot_id\|>$/);
  });
});

test('rules are read from a config, and a config of another tool has none', () => {
  const rules = { trim: ['user'], system: { place: 'last', before: '', after: '\n\n' } };
  expect(readMessageRules({ otherself: { messages: rules } })).toEqual(rules);
  expect(readMessageRules({ conv_template: {} })).toEqual(plainRules);
});
