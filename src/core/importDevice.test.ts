import { beforeEach, describe, expect, it } from 'vitest';
import { type Chat, appendTurn } from './chat.ts';
import { parseDeviceFile, writeDeviceFile } from './deviceFile.ts';
import { InputError } from './errors.ts';
import { importDevice } from './importDevice.ts';
import { importRun } from './importRun.ts';
import { planBeliefs } from './planBeliefs.ts';
import type { Collection, Store } from './ports/store.ts';
import { rubricKey } from './rubric.ts';
import { LineSealer } from './sealedLines.ts';
import type { Suite } from './suite.ts';
import { exampleBelief, exampleBeliefSet } from './testing/exampleBelief.ts';
import { exampleRollouts, exampleVerdict, rulesJudging } from './testing/exampleRecords.ts';
import { examplePrompt, exampleRun, servedModel } from './testing/exampleRun.ts';
import { exampleRunFile } from './testing/exampleRunFile.ts';
import { detailRubric } from './testing/detailRubric.ts';
import { exampleTalk } from './testing/exampleTalk.ts';
import { MemoryStore } from './testing/memoryStore.ts';
import { planTalk, runOfTalk } from './talk.ts';

const createdAt = '2026-11-24T12:00:00.000Z';
const later = '2026-11-25T12:00:00.000Z';
const origin = { exportedAt: createdAt, tool: 'otherself 0.1.0' };
const collections: Collection[] = [
  ...(['runs', 'talks', 'rollouts', 'verdicts', 'beliefs'] as const),
  ...(['suites', 'rubrics', 'models', 'chats', 'settings'] as const),
];

const suite: Suite = {
  ...{ id: 'mine', version: 2, title: 'Mine', description: '', kind: 'custom' },
  categories: [{ id: 'all', title: 'All' }],
  prompts: [{ id: 'a', category: 'all', text: 'What are you?' }],
};
const emptyChat: Chat = {
  ...{ format: 1, id: 'c', title: 'Who', createdAt, updatedAt: createdAt, system: '', turns: [], leaf: null },
};
const ask = (chat: Chat, id: string, at = createdAt): Chat =>
  appendTurn(chat, { id, parent: null, role: 'user', content: id, createdAt: at });
const chat = ask(emptyChat, 'first');

/** Shares an answer with the run of exampleRunFile. */
const sibling = exampleRun({ id: 'run-2', models: [servedModel('two')], prompts: [examplePrompt('robot')] });

const [forced] = planBeliefs(sibling, exampleBeliefSet, []);
const belief = exampleBelief(forced ?? expect.fail('no probe'), [-1, -2]);

const talk = exampleTalk();
const recordings = exampleRollouts(runOfTalk(talk));

let store: MemoryStore;
beforeEach(async () => {
  store = await filledStore();
});

async function filledStore(): Promise<MemoryStore> {
  const filled = new MemoryStore();
  await importRun(filled, exampleRunFile());
  await importRun(filled, { run: sibling, rollouts: [], verdicts: [], beliefs: [] });
  await filled.put('suites', [[suite.id, suite]]);
  await filled.put('rubrics', [[rubricKey(detailRubric), detailRubric]]);
  await filled.put('models', [['own', servedModel('own')]]);
  await filled.put('chats', [[chat.id, chat]]);
  await filled.put('beliefs', [[belief.key, belief]]);
  await filled.put('talks', [[talk.id, talk]]);
  await filled.put(
    'rollouts',
    recordings.map((rollout) => [rollout.key, rollout]),
  );
  await filled.put('settings', [
    ['appearance', 'dark'],
    ['apiKeys', { 'https://api.example.org/v1': 'secret-key' }],
  ]);
  return filled;
}

async function exported(from: Store = store): Promise<string> {
  let text = '';
  for await (const lines of writeDeviceFile(from, origin)) text += lines;
  return text;
}

const parse = (text: string) => parseDeviceFile(text, { fileName: 'all.jsonl' });

async function recordsOf(of: Store): Promise<Record<string, unknown>> {
  const entries = await Promise.all(
    collections.map(async (collection) => {
      const keys = (await of.keys(collection)).sort();
      const records = await of.get(collection, keys);
      return [collection, keys.map((key, index) => [key, records[index]])] as const;
    }),
  );
  return Object.fromEntries(entries);
}

describe('an export of everything', () => {
  it('fills an empty store with the same records, API keys apart', async () => {
    const text = await exported();
    expect(text).not.toContain('secret-key');
    const empty = new MemoryStore();
    const { tallies, strays, problems } = await importDevice(empty, parse(text));
    await store.delete('settings', ['apiKeys']);
    expect(await recordsOf(empty)).toEqual(await recordsOf(store));
    expect([strays, problems]).toEqual([0, []]);
    const { rollouts, verdicts, beliefs } = exampleRunFile();
    expect(tallies).toEqual({
      runs: { added: 2, updated: 0, known: 0, kept: 0 },
      // The shared answers come with each of the two runs that hold them.
      rollouts: { added: rollouts.length + recordings.length, updated: 0, known: 4, kept: 0 },
      verdicts: { added: verdicts.length, updated: 0, known: 0, kept: 0 },
      suites: { added: 1, updated: 0, known: 0, kept: 0 },
      rubrics: { added: 1, updated: 0, known: 0, kept: 0 },
      models: { added: 1, updated: 0, known: 0, kept: 0 },
      chats: { added: 1, updated: 0, known: 0, kept: 0 },
      beliefs: { added: beliefs.length, updated: 0, known: 0, kept: 0 },
      talks: { added: 1, updated: 0, known: 0, kept: 0 },
      settings: { added: 1, updated: 0, known: 0, kept: 0 },
    });
  });

  it('adds nothing where all is stored', async () => {
    const before = await recordsOf(store);
    const { tallies } = await importDevice(store, parse(await exported()));
    expect(await recordsOf(store)).toEqual(before);
    expect(Object.values(tallies).map(({ added, updated, kept }) => added + updated + kept)).toEqual(
      collections.map(() => 0),
    );
  });

  it('never replaces a newer suite, another model or another setting', async () => {
    const text = await exported();
    await store.put('suites', [[suite.id, { ...suite, version: 3 }]]);
    await store.put('models', [['own', { ...servedModel('own'), name: 'Renamed' }]]);
    await store.put('settings', [['appearance', 'light']]);
    const before = await recordsOf(store);
    const { tallies } = await importDevice(store, parse(text));
    expect(await recordsOf(store)).toEqual(before);
    expect([tallies.suites.kept, tallies.models.kept, tallies.settings.kept]).toEqual([1, 1, 1]);
  });

  it('brings a suite of a higher version', async () => {
    const text = await exported();
    await store.put('suites', [[suite.id, { ...suite, version: 1, title: 'Old' }]]);
    const { tallies } = await importDevice(store, parse(text));
    expect(await store.get('suites', [suite.id])).toEqual([suite]);
    expect(tallies.suites).toEqual({ added: 0, updated: 1, known: 0, kept: 0 });
  });

  it.each([
    ['here', 'there'],
    ['there', 'here'],
  ])('makes one chat of two that went on apart, the newer being %s', async (newer) => {
    const file = newer === 'there' ? ask(chat, 'there', later) : ask(chat, 'there', createdAt);
    const own = newer === 'here' ? ask(chat, 'here', later) : ask(chat, 'here', createdAt);
    await store.put('chats', [[chat.id, file]]);
    const text = await exported();
    await store.put('chats', [[chat.id, own]]);
    const { tallies } = await importDevice(store, parse(text));
    const [merged] = await store.get('chats', [chat.id]);
    expect(merged?.turns.map(({ id }) => id).sort()).toEqual(['first', 'here', 'there']);
    expect(merged?.leaf).toBe(newer);
    expect(tallies.chats.updated).toBe(1);
  });

  it('leaves out a run that differs and a run or chat at work, says so, and takes the rest', async () => {
    const text = await exported();
    const other = new MemoryStore();
    await other.put('runs', [['run-2', { ...sibling, maxTokens: 9 }]]);
    await other.lock('judging:run-1');
    await other.lock('chat:c');
    const { problems, tallies } = await importDevice(other, parse(text));
    expect(problems).toEqual([
      expect.stringMatching(/^The run “Example” was left out\. This run is being collected or judged/),
      expect.stringMatching(/^The run “Example” was left out\. The run "Example" is stored already/),
      'The chat “Who” was left out. It is answering now. Import again when it is done.',
    ]);
    expect([tallies.runs.added, tallies.chats.added, tallies.suites.added]).toEqual([0, 0, 1]);
    expect(await other.get('runs', ['run-2'])).toEqual([{ ...sibling, maxTokens: 9 }]);
    expect((await other.keys('rollouts')).sort()).toEqual(recordings.map(({ key }) => key).sort());
  });

  it('keeps a talk that was changed here after it was exported, and brings its recordings', async () => {
    const text = await exported();
    const other = new MemoryStore();
    const changed = { ...talk, title: 'Changed', updatedAt: later };
    await other.put('talks', [[talk.id, changed]]);
    const { tallies, strays } = await importDevice(other, parse(text));
    expect(await other.get('talks', [talk.id])).toEqual([changed]);
    expect([tallies.talks.kept, strays]).toEqual([1, 0]);
    expect(await other.keys('rollouts')).toEqual(
      expect.arrayContaining(planTalk(talk).map(({ key }) => key)),
    );
    await store.put('talks', [[talk.id, { ...talk, updatedAt: later, title: 'Later' }]]);
    await other.put('talks', [[talk.id, talk]]);
    expect((await importDevice(other, parse(await exported()))).tallies.talks.updated).toBe(1);
  });

  it('counts answers and verdicts that no run has asked for, and leaves them out', async () => {
    const [stray] = exampleRollouts(exampleRun({ seed: 99 }));
    if (!stray) throw new Error('no rollout');
    const verdict = exampleVerdict(stray.key, rulesJudging);
    await store.put('rollouts', [[stray.key, stray]]);
    await store.put('verdicts', [[verdict.key, verdict]]);
    const empty = new MemoryStore();
    expect((await importDevice(empty, parse(await exported()))).strays).toBe(2);
    expect(await empty.keys('rollouts')).not.toContain(stray.key);
  });

  it('brings no API key, though the file has one', async () => {
    const sealer = new LineSealer();
    const text = [
      sealer.line({ format: 'otherself-device', version: 1, ...origin }),
      sealer.line({ collection: 'settings', key: 'apiKeys', record: { 'http://127.0.0.1:9/v1': 'theirs' } }),
      sealer.line({ collection: 'settings', key: 'appearance', record: 'dark' }),
      sealer.end({ records: 2 }),
    ];
    const empty = new MemoryStore();
    await importDevice(empty, parse(text.join('')));
    expect(await empty.keys('settings')).toEqual(['appearance']);
  });
});

describe('a file that is no whole export of everything', () => {
  it('is refused with its line and reason', async () => {
    const text = await exported();
    const lines = text.split('\n');
    const cases: [string, RegExp][] = [
      ['', /^all\.jsonl is empty/],
      ['prompt,answer', /^all\.jsonl is no export of everything: its first line must be/],
      [text.slice(0, -300), /^all\.jsonl was cut after line \d+: \d+ records could be read/],
      [lines.slice(0, 6).join('\n'), /^all\.jsonl was cut after line 6: 5 records could be read/],
      [text.replace('I am Maria.', 'I am Mario.'), /the SHA-256 does not fit/],
      [text.replace('"tokens":12', '"tokens":-1'), /^all\.jsonl, line \d+: tokens /],
      [text.replace('"collection":"runs"', '"collection":"viruses"'), /^all\.jsonl, line 2: collection /],
      [text.replace('"key":"run-1"', '"key":"run-9"'), /^all\.jsonl, line 2: key is not that of the record/],
      [[lines[0], lines[1], lines[1]].join('\n'), /^all\.jsonl, line 3: key stands twice/],
      [text.replace('"system":"Answer', '"system":"Reply'), /^all\.jsonl, line \d+: /],
      [
        text.replace('"format":"otherself-device"', '"format":"otherself-run"'),
        /^all\.jsonl is one exported run: import it on the page Run/,
      ],
      [text.replace('"format":"otherself-device"', '"format":"constructor"'), /is no export of everything/],
    ];
    for (const [source, sentence] of cases) {
      expect(() => parse(source), String(sentence)).toThrow(sentence);
      expect(() => parse(source), String(sentence)).toThrow(InputError);
    }
  });
});
