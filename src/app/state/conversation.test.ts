import { beforeEach, describe, expect, it } from 'vitest';
import { type AssistantTurn, type Chat, chatSchema } from '../../core/chat.ts';
import { EngineError, EngineLostError } from '../../core/errors.ts';
import { paneRows } from '../../core/panes.ts';
import type { GenerationRequest } from '../../core/ports/engine.ts';
import type { FindRecording } from '../../core/recordings.ts';
import { exampleRollouts } from '../../core/testing/exampleRecords.ts';
import { exampleRun, servedModel } from '../../core/testing/exampleRun.ts';
import { MemoryStore } from '../../core/testing/memoryStore.ts';
import { ScriptedEngine } from '../../core/testing/scriptedEngine.ts';
import { RecordedEngine } from '../../engines/recorded/recordedEngine.ts';
import { ChatsState } from './chatsState.svelte.ts';
import type { Conversation } from './conversation.svelte.ts';
import type { Asking } from './growingAnswer.svelte.ts';

const card = servedModel('served');
const sampling = { temperature: 0.8, topP: 0.95, maxTokens: 50, stop: [] };
const scripted = 'These answers are made up by a script. No model runs.';
const asking: Asking = { card, sampling, seed: 7 };

/** At once, whatever it took. */
const openRecorded = (find: FindRecording) =>
  new RecordedEngine({ find, clock: { now: () => 0 }, sleep: async () => undefined });

let store: MemoryStore;
let nowMs: number;
let requests: GenerationRequest[];
let script: (request: GenerationRequest, call: number) => string | Error;
/** What stands between two tokens. */
let wait: () => Promise<void>;
let answerNotes: string[];
let chats: ChatsState;
let chat: Conversation;

beforeEach(() => {
  store = new MemoryStore();
  nowMs = Date.parse('2026-11-24T12:00:00Z');
  requests = [];
  script = (request) => `I was asked ${request.messages.at(-1)?.content}`;
  wait = async () => undefined;
  answerNotes = [];
  const clock = { now: () => (nowMs += 10) };
  const engine = new ScriptedEngine({
    script: (request, call) => {
      requests.push(request);
      return script(request, call);
    },
    wait: () => wait(),
    clock,
  });
  const generate = engine.generate.bind(engine);
  engine.generate = async (...args) => ({ ...(await generate(...args)), notes: answerNotes });
  chats = new ChatsState({ store, clock, openEngine: async () => engine, openRecorded });
  chat = chats.begin('Answer directly.');
});

async function stored(): Promise<Chat> {
  const [record] = await store.get('chats', [chat.chat.id]);
  expect(chatSchema.safeParse(record).error).toBeUndefined();
  return record as Chat;
}
const contents = (from = chat) => from.branch.map(({ content }) => content);

/** Holds the answers before the third token, or another; runs `meanwhile`, and lets them go on. */
async function midway(
  begin: () => Promise<void>,
  meanwhile: () => Promise<void> | void,
  token = 3,
): Promise<void> {
  let isReached: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (isReached = resolve));
  let goOn: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (goOn = resolve));
  let tokens = 0;
  wait = async () => {
    if (++tokens < token) return;
    isReached();
    await held;
  };
  const work = begin();
  await reached;
  await meanwhile();
  goOn();
  await work;
}

describe('a conversation', () => {
  it('asks with the system prompt and all turns, and stores both sides', async () => {
    await chat.send('Who are you?', asking);
    await chat.send('And where?', { ...asking, seed: 8 });
    expect(requests[1]?.messages).toEqual([
      { role: 'system', content: 'Answer directly.' },
      { role: 'user', content: 'Who are you?' },
      { role: 'assistant', content: 'I was asked Who are you?' },
      { role: 'user', content: 'And where?' },
    ]);
    const record = await stored();
    expect(record.title).toBe('Who are you?');
    expect(record.turns.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
    expect(record.turns[3]).toMatchObject({
      seed: 8,
      temperature: 0.8,
      model: card.id,
      finish: 'stop',
      tokens: 5,
      promptTokens: 13,
      tokenTimesMs: [10, 40, 70, 100, 130],
      tokenEnds: [1, 5, 11, 15, 22],
    });
    expect(chat.phase).toEqual({ state: 'idle' });
  });

  it('keeps every version of an answer, and goes between them', async () => {
    script = (_, call) => `version ${call}`;
    await chat.send('Who are you?', asking);
    const [, first] = chat.branch;
    await chat.retry(first!, { ...asking, seed: 9 });
    expect(contents()).toEqual(['Who are you?', 'version 2']);
    expect(chat.versionsOf(chat.branch[1]!)).toHaveLength(2);
    await chat.show(first!.id);
    expect(contents()).toEqual(['Who are you?', 'version 1']);
    expect((await stored()).leaf).toBe(first!.id);
  });

  it('branches where the user asks in other words', async () => {
    await chat.send('One', asking);
    await chat.edit(chat.branch[0]!, 'Uno', asking);
    expect(contents()).toEqual(['Uno', 'I was asked Uno']);
    expect(requests[1]?.messages).toHaveLength(2);
    expect((await stored()).turns).toHaveLength(4);
  });

  it('keeps what the engine says of itself and of the answer', async () => {
    answerNotes = ['The server refused the parameter seed.', scripted];
    await chat.send('Who are you?', asking);
    expect((await stored()).turns[1]).toMatchObject({
      notes: [scripted, 'The server refused the parameter seed.'],
    });
    await midway(
      () => chat.send('And where?', asking),
      () => chat.stop(),
    );
    expect((await stored()).turns[3]).toMatchObject({ finish: 'stopped', notes: [scripted] });
  });

  it('keeps what came before a stop', async () => {
    await midway(
      () => chat.send('Who are you?', asking),
      () => chat.stop(),
    );
    const record = await stored();
    expect(record.turns[1]).toMatchObject({ content: 'I was', finish: 'stopped', tokens: 2 });
    expect(chat.phase).toEqual({ state: 'idle' });
  });

  it('stores the answer while it grows, so that a killed tab loses little', async () => {
    await midway(
      () => chat.send('Who are you?', asking),
      async () => {
        expect((await stored()).turns.map(({ role }) => role)).toEqual(['user']);
      },
    );
    // Two seconds pass before each token.
    wait = async () => void (nowMs += 2_000);
    const saved: number[] = [];
    const put = store.put.bind(store);
    store.put = async (collection, records) => {
      saved.push((records[0]?.[1] as Chat).turns.at(-1)?.content.length ?? 0);
      await put(collection, records);
    };
    await chat.send('And then?', asking);
    expect(new Set(saved).size).toBeGreaterThan(3);
  });

  it('says why an answer failed, and keeps the question', async () => {
    script = () => new EngineLostError('The device was lost. Load the model anew.');
    await chat.send('Who are you?', asking);
    expect(chat.phase).toEqual({ state: 'failed', error: 'The device was lost. Load the model anew.' });
    expect((await stored()).turns).toHaveLength(1);
    script = () => 'here again';
    await chat.retry(chat.branch[0]!, asking);
    expect(contents()).toEqual(['Who are you?', 'here again']);
  });

  it('says when nothing can be stored, and generates nothing', async () => {
    store.failAs('full');
    await chat.send('Who are you?', asking);
    expect(chat.phase).toMatchObject({ state: 'failed', error: expect.stringContaining('full') });
    expect(requests).toEqual([]);
  });

  it('does not answer in two tabs at once', async () => {
    await chat.send('Who are you?', asking);
    const other = new ChatsState({
      store,
      clock: { now: () => nowMs },
      openEngine: () => Promise.reject(new Error()),
      openRecorded,
    });
    await other.load();
    const twin = other.open(chat.chat.id)!;
    await midway(
      () => chat.send('And then?', asking),
      () => twin.send('Me too', asking),
    );
    expect(twin.phase).toMatchObject({ state: 'failed', error: expect.stringContaining('another tab') });
    expect((await stored()).turns).toHaveLength(4);
  });

  it('keeps turns that another tab has added meanwhile', async () => {
    await chat.send('One', asking);
    const other = new ChatsState({
      store,
      clock: { now: () => nowMs },
      openEngine: async () => loaded(),
      openRecorded,
    });
    await other.load();
    await other.open(chat.chat.id)!.send('Elsewhere', asking);
    await chat.send('Here', asking);
    expect((await stored()).turns.map(({ content }) => content)).toEqual(
      expect.arrayContaining(['One', 'Elsewhere', 'Here', 'made up']),
    );
  });
});

function loaded(): ScriptedEngine {
  return new ScriptedEngine({ script: () => 'made up' });
}

describe('several answers at once', () => {
  const eight = Array.from({ length: 8 }, (_, index): Asking => ({ ...asking, seed: 70 + index }));
  /** Four are asked at once; each has two tokens by then. */
  const tokensIn = 10;
  const answersOf = ({ turns }: Chat) => turns.filter((turn) => turn.role === 'assistant');

  beforeEach(() => {
    script = (request) => `I drew the number ${request.seed}`;
  });

  it('are versions of one answer, in the order of their seeds, and the first is in view', async () => {
    await chat.send('Who are you?', ...eight);
    const answers = answersOf(await stored());
    expect(answers.map(({ seed }) => seed)).toEqual(eight.map(({ seed }) => seed));
    expect(answers.map(({ content, finish }) => [content, finish])).toEqual(
      eight.map(({ seed }) => [`I drew the number ${seed}`, 'stop']),
    );
    expect(contents()).toEqual(['Who are you?', 'I drew the number 70']);
    const [, first] = chat.branch;
    expect(chat.versionsOf(first!)).toHaveLength(8);
    expect(chat.isSideBySide(first as AssistantTurn)).toBe(true);
    await chat.showSideBySide(first as AssistantTurn, false);
    expect((await stored()).sideBySide).toEqual([]);
    await chat.send('And where?', asking);
    expect(requests.at(-1)?.messages.map(({ content }) => content)).toContain('I drew the number 70');
  });

  it('are asked as many at a time as the engine takes, and each says how far it is', async () => {
    await midway(
      () => chat.send('Who are you?', ...eight),
      () => {
        expect(requests).toHaveLength(4);
        const [, first] = chat.branch;
        const states = chat.versionsOf(first!).map((turn) => chat.stateOf(turn));
        expect(states.slice(4)).toEqual(Array(4).fill('waiting'));
        expect(states.slice(0, 4)).toEqual(Array(4).fill('answering'));
      },
      tokensIn,
    );
    expect(chat.versionsOf(chat.branch[1]!).map((turn) => chat.stateOf(turn))).toEqual(
      Array(8).fill(undefined),
    );
  });

  it('keep what has come when they are stopped, and nothing of those that had not begun', async () => {
    let ended = 0;
    await midway(
      () => chat.send('Who are you?', ...eight),
      () => void chat.stop().then(() => (ended = answersOf(chat.chat).length)),
      tokensIn,
    );
    const answers = answersOf(await stored());
    expect(answers).toHaveLength(4);
    expect(answers.every(({ finish, tokens }) => finish === 'stopped' && tokens > 0)).toBe(true);
    expect(ended).toBe(answers.length);
    expect(chat.phase).toEqual({ state: 'idle' });
  });

  it('fail each for itself, and the chat goes on from one that did not', async () => {
    script = ({ seed }) => (seed % 4 === 2 ? new EngineError(`No luck with ${seed}.`) : `number ${seed}`);
    await chat.send('Who are you?', ...eight);
    const answers = answersOf(await stored());
    expect(answers.map(({ finish, error }) => error ?? finish)).toEqual(
      eight.map(({ seed }) => (seed % 4 === 2 ? `No luck with ${seed}.` : 'stop')),
    );
    expect(contents()[1]).toBe('number 71');
    expect(chat.phase).toEqual({ state: 'idle' });
  });

  it('tell once what all of them failed of, and keep the question', async () => {
    script = () => new EngineLostError('The device was lost. Load the model anew.');
    await chat.send('Who are you?', ...eight);
    expect(chat.phase).toEqual({ state: 'failed', error: 'The device was lost. Load the model anew.' });
    expect((await stored()).turns).toHaveLength(1);
  });

  it('are stored as they end, and the others as far as they are', async () => {
    script = ({ seed }) => (seed === 71 ? 'Done' : 'I am not done yet');
    let atHand: Chat | null = null;
    await midway(
      () => chat.send('Who are you?', ...eight),
      async () => {
        await new Promise((resolve) => setTimeout(resolve));
        atHand = await stored();
      },
      tokensIn,
    );
    const answers = answersOf(atHand!);
    expect(answers.find(({ seed }) => seed === 71)).toMatchObject({ content: 'Done', finish: 'stop' });
    expect(answers.filter(({ seed }) => seed !== 71).every(({ finish }) => finish === 'stopped')).toBe(true);
    expect(answersOf(await stored())).toHaveLength(8);
  });

  it('may come from several models, one after the other', async () => {
    const other = servedModel('other');
    await chat.send('Who are you?', asking, { ...asking, card: other });
    expect(answersOf(await stored()).map(({ model, seed }) => [model, seed])).toEqual([
      ['served', 7],
      ['other', 7],
    ]);
  });

  it('are not written by a chat that is deleted meanwhile', async () => {
    await midway(
      () => chat.send('Who are you?', ...eight),
      () => void chats.remove(chat.chat.id),
      tokensIn,
    );
    await chat.stop();
    expect(await store.keys('chats')).toEqual([]);
  });
});

describe('a comparison', () => {
  const panes = ['a', 'b'].map((id) => ({ id, model: card.id, temperature: 0.8 }));
  const inPanes = panes.map(({ id: pane }): Asking => ({ ...asking, pane }));

  beforeEach(() => {
    script = (_, call) => `answer ${call}`;
    chat = chats.begin('', panes);
  });

  it('goes on in each pane from its own answer', async () => {
    await chat.send('Who are you?', ...inPanes);
    await chat.send('And where?', ...inPanes);
    const heard = requests.slice(2).map(({ messages }) => messages[1]?.content);
    expect(heard).toEqual(['answer 1', 'answer 2']);
    const { turns, sideBySide } = await stored();
    expect(turns.map((turn) => (turn.role === 'user' ? null : turn.pane))).toEqual([
      null,
      'a',
      'b',
      null,
      'a',
      'b',
    ]);
    expect(sideBySide).toBeUndefined();
  });

  it('asks the question anew where other answers are wanted, and fills a gap in place', async () => {
    await chat.send('Who are you?', inPanes[0]!);
    await chat.retry(chat.branch[0]!, inPanes[1]!);
    expect(paneRows(chat.chat)).toHaveLength(1);
    expect(paneRows(chat.chat)[0]?.answers.map((turn) => turn?.content)).toEqual(['answer 1', 'answer 2']);
    await chat.retry(chat.branch[1]!, ...inPanes);
    expect(paneRows(chat.chat)[0]?.answers.map((turn) => turn?.content)).toEqual(['answer 3', 'answer 4']);
    expect(chat.versionsOf(chat.branch[0]!)).toHaveLength(2);
  });

  it('shows what is stored of one model beside another that is live', async () => {
    const run = exampleRun({
      ...{ models: [servedModel('recorded')], system: '', temperatures: [0.8], samples: 2 },
    });
    const rollouts = exampleRollouts(run);
    await store.put('runs', [[run.id, run]]);
    await store.put(
      'rollouts',
      rollouts.map((rollout) => [rollout.key, rollout]),
    );
    const [first, second] = rollouts;
    const recorded: Asking = { ...inPanes[1]!, card: servedModel('recorded'), isRecorded: true };
    const ask = async (temperature: number, seed: number) => {
      const sampling = { ...asking.sampling, temperature };
      chat = chats.begin('', panes);
      await chat.send(run.prompts[0]!.text, inPanes[0]!, { ...recorded, sampling, seed });
      return paneRows(chat.chat)[0]?.answers[1];
    };
    expect(await ask(first!.temperature, second!.seed)).toMatchObject({
      ...{ content: second!.text, seed: second!.seed, finish: 'stop', recordedAt: second!.createdAt },
      ...{ temperature: second!.temperature, device: second!.engine.device, model: 'recorded', tokens: 12 },
    });
    expect(requests).toHaveLength(1);
    // Of other seeds and temperatures there is none: what there is, as it was asked.
    expect([await ask(5, 4), await ask(5, 5)]).toMatchObject([{ seed: first!.seed }, { seed: second!.seed }]);
    expect((await stored()).turns).toHaveLength(3);
  });

  it('says where nothing is stored of a model, and keeps what the other says', async () => {
    await chat.send('Who?', inPanes[0]!, { ...inPanes[1]!, isRecorded: true });
    expect(chat.phase).toEqual({ state: 'idle' });
    expect(paneRows(chat.chat)[0]?.answers).toMatchObject([
      { content: 'answer 1' },
      { finish: 'failed', error: expect.stringMatching(/^served has no recording of this question/) },
    ]);
    expect(requests).toHaveLength(1);
  });

  it('goes on alone in the pane that is left', async () => {
    await chat.send('Who are you?', ...inPanes);
    await chat.setPanes([panes[1]!]);
    expect(contents()).toEqual(['Who are you?', 'answer 2']);
    await chat.send('And where?', inPanes[1]!);
    expect(requests[2]?.messages[1]?.content).toBe('answer 2');
    expect(contents()).toEqual(['Who are you?', 'answer 2', 'And where?', 'answer 3']);
  });
});

describe('the chats', () => {
  it('are listed newest first, and gone once deleted', async () => {
    await chat.send('First', asking);
    const second = chats.begin('');
    await second.send('Second', asking);
    expect(chats.all.map(({ title }) => title)).toEqual(['Second', 'First']);
    await chats.remove(second.chat.id);
    expect(chats.all.map(({ title }) => title)).toEqual(['First']);
    expect(await store.keys('chats')).toEqual([chat.chat.id]);
    expect(requests[1]?.messages).toEqual([{ role: 'user', content: 'Second' }]);
  });

  it('come back with their branches after a reload', async () => {
    await chat.send('One', asking);
    const reloaded = new ChatsState({
      store,
      clock: { now: () => nowMs },
      openEngine: async () => loaded(),
      openRecorded,
    });
    await reloaded.load();
    expect(contents(reloaded.open(chat.chat.id))).toEqual(['One', 'I was asked One']);
    expect(reloaded.open('gone')).toBeUndefined();
  });

  it('are not stored before their first message, and are shortened to a line as titles', async () => {
    expect(await store.keys('chats')).toEqual([]);
    await chat.send(`word `.repeat(40), asking);
    expect(chat.chat.title.length).toBeLessThanOrEqual(60);
    expect(chat.chat.title.endsWith('…')).toBe(true);
  });
});
