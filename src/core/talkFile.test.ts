import { beforeEach, describe, expect, it } from 'vitest';
import { importFile } from './importFile.ts';
import { parseTalkFile, writeTalkFile } from './talkFile.ts';
import { dialled } from './dial.ts';
import { runOfTalk, stageRunOf } from './talk.ts';
import { exampleRollouts, failedRollout } from './testing/exampleRecords.ts';
import { exampleTalk } from './testing/exampleTalk.ts';
import { MemoryStore } from './testing/memoryStore.ts';

const origin = { exportedAt: '2026-11-24T12:00:00.000Z', tool: 'otherself 0.1.0' };
const talk = exampleTalk();
const rollouts = exampleRollouts(runOfTalk(talk));
const textOf = (file = { talk, rollouts }) => [...writeTalkFile(file, origin)].join('');
const parse = (text: string) => parseTalkFile(text, { fileName: 'a.jsonl' });
const source = (text: string) => ({ name: 'a.jsonl', text: async () => text });

describe('a talk file', () => {
  it('comes back as it was written, with or without recordings', () => {
    expect(parse(textOf())).toEqual({ talk, rollouts });
    expect(parse(textOf({ talk, rollouts: [] }))).toEqual({ talk, rollouts: [] });
  });

  it('keeps what was said at other positions of the dial, and no more', () => {
    const [persona] = talk.models;
    const at = (position: number) => exampleRollouts(runOfTalk(talk, [dialled(persona!, position)]));
    const moved = [...at(0.25), ...at(1.5)];
    expect(parse(textOf({ talk, rollouts: [...rollouts, ...moved] })).rollouts).toEqual([
      ...rollouts,
      ...moved,
    ]);
    expect(() => parse(textOf({ talk, rollouts: at(0.3) }))).toThrow('key belongs to no answer');
    expect(stageRunOf(talk).models.map(({ id }) => id)).toEqual([
      ...[
        'someone',
        'someone@0',
        'someone@0.25',
        'someone@0.5',
        'someone@0.75',
        'someone@1.25',
        'someone@1.5',
      ],
    ]);
  });

  it('is refused when cut, altered, or another file', () => {
    const text = textOf();
    const [header = '', talkLine = '', ...rest] = text.split('\n');
    expect(() => parse(text.slice(0, -200))).toThrow(/was cut after line \d+: \d+ recordings could be read/);
    expect(() => parse(text.replace('I am someone', 'I am nobody'))).toThrow('the SHA-256 does not fit');
    expect(() => parse(text.replace('"seed":1,', '"seed":2,'))).toThrow('key belongs to no answer');
    expect(() => parse([header, rest[0], talkLine].join('\n'))).toThrow('line 2: a talk file holds one talk');
    expect(() => parse([header, talkLine, talkLine].join('\n'))).toThrow(
      'line 3: a talk file holds one talk',
    );
    expect(() => parse(text.replace('otherself-talk', 'otherself-run'))).toThrow('import it on the page Run');
  });

  it('cannot claim an answer that belongs to another question', () => {
    const [first, ...others] = rollouts;
    const forged = [{ ...first!, prompt: 'Another question?' }, ...others];
    expect(() => parse(textOf({ talk, rollouts: forged }))).toThrow('prompt does not match the key');
  });
});

describe('importing a talk', () => {
  let store: MemoryStore;
  beforeEach(() => (store = new MemoryStore()));

  it('brings the talk and its recordings, once', async () => {
    expect(await importFile(store, 'talk', source(textOf()))).toEqual({
      ...{ talk, fate: 'added', recordings: rollouts.length },
    });
    expect(await store.get('talks', [talk.id])).toEqual([talk]);
    expect(await importFile(store, 'talk', source(textOf()))).toMatchObject({ fate: 'kept', recordings: 0 });
  });

  it('never replaces a later talk or a recording, but a failure', async () => {
    const later = { ...talk, title: 'Later', updatedAt: '2026-11-25T12:00:00.000Z' };
    const [first, second] = rollouts;
    const [own, failed] = [{ ...first!, text: 'Mine.' }, failedRollout(second!)];
    await store.put('talks', [[talk.id, later]]);
    await store.put('rollouts', [
      [own.key, own],
      [failed.key, failed],
    ]);
    const outcome = await importFile(store, 'talk', source(textOf()));
    expect(outcome).toEqual({ talk: later, fate: 'kept', recordings: rollouts.length - 1 });
    expect(await store.get('rollouts', [own.key, failed.key])).toEqual([own, second]);
    const text = textOf({ talk: later, rollouts });
    const other = new MemoryStore();
    await other.put('talks', [[talk.id, talk]]);
    expect(await importFile(other, 'talk', source(text))).toMatchObject({ talk: later, fate: 'updated' });
  });
});
