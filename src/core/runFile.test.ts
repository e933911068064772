import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DoneBelief } from './belief.ts';
import { InputError } from './errors.ts';
import { planBeliefs } from './planBeliefs.ts';
import { type RunFile, parseRunFile, writeRunFile } from './runFile.ts';
import { exampleBelief, exampleBeliefSet } from './testing/exampleBelief.ts';
import { exampleRollouts, exampleVerdict, failedRollout, rulesJudging } from './testing/exampleRecords.ts';
import { exampleRun } from './testing/exampleRun.ts';
import type { Verdict } from './verdict.ts';

const origin = { exportedAt: '2026-11-24T12:00:00.000Z', tool: 'otherself 0.1.0' };
const run = exampleRun({ judgings: [rulesJudging] });
const [first, ...rest] = exampleRollouts(run);
if (!first) throw new Error('no rollout');
const timed = { tokenTimesMs: [0.5, 12], tokenEnds: [3, 9] };
const rollouts = [failedRollout(first), ...rest.map((rollout) => ({ ...rollout, ...timed }))];
const verdicts: Verdict[] = rest.map(({ key }) => exampleVerdict(key));
const unforced: RunFile = { run, rollouts, verdicts, beliefs: [] };
const beliefs = planBeliefs(run, exampleBeliefSet, []).map((spec) => exampleBelief(spec, [-0.5, -2.25]));
const whole: RunFile = { ...unforced, beliefs };

const lines = [...writeRunFile(whole, origin)];
const text = lines.join('');
const parse = (source: string | Iterable<string> = text): RunFile =>
  parseRunFile(source, { fileName: 'a.jsonl' });

/** The file written anew, with a right SHA-256, after a record was changed. */
function rewritten(change: Partial<RunFile>): string {
  return [...writeRunFile({ ...whole, ...change }, origin)].join('');
}

describe('a run file', () => {
  it('comes back as it was written, from text and from lines', () => {
    expect(parse()).toEqual(whole);
    expect(parse(lines)).toEqual(whole);
    expect(parse(lines.map((line) => line.trimEnd()))).toEqual(whole);
  });

  it('comes back from an editor: byte order mark, Windows line ends, empty lines at the end', () => {
    expect(parse(`\uFEFF${text.replaceAll('\n', '\r\n')}\r\n\r\n`)).toEqual(whole);
    expect(parse(text.trimEnd())).toEqual(whole);
  });

  it('has a header, one record a line, and an end', () => {
    expect(lines.map((line) => (JSON.parse(line) as { type?: string }).type)).toEqual([
      undefined,
      'run',
      ...rollouts.map(() => 'rollout'),
      ...verdicts.map(() => 'verdict'),
      ...beliefs.map(() => 'belief'),
      'end',
    ]);
    expect(JSON.parse(lines[0] ?? '')).toEqual({ format: 'otherself-run', version: 2, ...origin });
  });

  it('may be without answers', () => {
    const empty = { run, rollouts: [], verdicts: [], beliefs: [] };
    expect(parse([...writeRunFile(empty, origin)])).toEqual(empty);
  });

  it('is one that earlier versions read where nothing is forced, and theirs are read', () => {
    const old = [...writeRunFile(unforced, origin)];
    expect(old[0]).toContain('"version":1');
    expect(old.at(-1)).toContain(
      `"counts":{"rollouts":${rollouts.length},"verdicts":${verdicts.length}},"sha256"`,
    );
    expect(parse(old)).toEqual(unforced);
  });
});

describe('a run file that is not one', () => {
  it.each(['', '\n', 'prompt,answer\na,b\n', '[]', 'null', '{}\n', '{"format":"other"}\n', '\u0000\uFFFD'])(
    'is refused: %j',
    (source) => {
      expect(() => parse(source)).toThrow(/^a\.jsonl is (no run file: its first line|empty)/);
    },
  );

  it('of a newer version says so', () => {
    expect(() => parse(text.replace('"version":2', '"version":3'))).toThrow(
      'a.jsonl was written by a newer version (file version 3; this one reads up to 2). Update Otherself',
    );
  });

  it.each([
    [
      'between two lines',
      lines.slice(0, 5).join(''),
      'was cut after line 5: 3 answers and 0 verdicts could be read',
    ],
    [
      'inside a line',
      text.slice(0, -90),
      `was cut after line ${lines.length - 1}: ${rollouts.length} answers, ${verdicts.length} verdicts and ${beliefs.length} forced answers`,
    ],
    ['inside the run', text.slice(0, 400), 'was cut after line 1: 0 answers and 0 verdicts could be read'],
  ])('but was cut %s says how much could be read', (_, cut, sentence) => {
    expect(() => parse(cut)).toThrow(sentence);
    expect(() => parse(cut)).toThrow('Nothing was imported');
  });

  it.each([
    [
      'a line that is no JSON',
      text.replace('\n{"type":"verdict"', '\n{"type"'),
      /, line \d+: this is not valid JSON/,
    ],
    ['an altered answer', text.replace('draw 2', 'draw 9'), /the SHA-256 does not fit: the file was altered/],
    ['an altered score', text.replace('"engagement":70', '"engagement":71'), /the SHA-256 does not fit/],
    [
      'a lost line',
      lines.filter((_line, index) => index !== 4).join(''),
      /rolloutKey belongs to no answer above/,
    ],
    ['two files joined', text + text, /line 35: there is more after the end line/],
    ['the run missing', [lines[0], ...lines.slice(2)].join(''), /line 2: the run itself must come first/],
    [
      'an unknown record',
      text.replace('"type":"verdict"', '"type":"virus"'),
      /type must be rollout, verdict, belief or end/,
    ],
  ])('has %s', (_, source, sentence) => {
    expect(() => parse(source)).toThrow(sentence);
    expect(() => parse(source)).toThrow(InputError);
  });

  const second = rest[0] ?? first;
  const [verdict] = verdicts;
  const [belief] = beliefs;
  if (!verdict || !belief) throw new Error('no verdict or belief');
  const forced = (change: Partial<DoneBelief>): Partial<RunFile> => ({ beliefs: [{ ...belief, ...change }] });
  it.each<[string, Partial<RunFile>, RegExp]>([
    [
      'a field of the wrong kind',
      { rollouts: [{ ...second, tokens: -1 }] },
      /line 3: tokens must|line 3: tokens /,
    ],
    [
      'an unknown field',
      { rollouts: [{ ...second, evil: 1 } as never] },
      /line 3: evil is not a known field/,
    ],
    [
      'an answer of another run',
      { rollouts: exampleRollouts(exampleRun({ seed: 9 })) },
      /key belongs to no answer/,
    ],
    [
      'an answer under the key of another',
      { rollouts: [{ ...second, key: first.key }] },
      /does not match the key/,
    ],
    [
      'another prompt under the key',
      { rollouts: [{ ...second, prompt: 'x' }] },
      /prompt does not match the key/,
    ],
    [
      'a setting that was not planned',
      { rollouts: [{ ...second, repetitionPenalty: 1.2 }] },
      /repetitionPenalty does not match the key/,
    ],
    ['an answer twice', { rollouts: [second, second], verdicts: [] }, /line 4: key stands twice/],
    ['a verdict on no answer', { rollouts: [], verdicts }, /line 3: rolloutKey belongs to no answer above/],
    [
      'a verdict of an unknown judge',
      { run: exampleRun(), rollouts },
      /judge and rubric are none of this run/,
    ],
    [
      'a verdict under a wrong key',
      { verdicts: [{ ...verdict, key: first.key }] },
      /key does not match the record/,
    ],
    ['a verdict twice', { verdicts: [verdict, verdict] }, /key stands twice/],
    [
      'a forced answer without tokens',
      forced({ scores: [{ logprob: -1, tokens: 0 }] }),
      /line 26: scores\[0\]\.tokens /,
    ],
    [
      'a forced answer under a wrong key',
      forced({ key: first.key }),
      /line 26: key does not match the record/,
    ],
    ['other words under the key of a forced answer', forced({ claim: ['Sure'] }), /key does not match/],
    [
      'a forced answer of a model that was not asked',
      forced({ modelFingerprint: 'other' }),
      /modelFingerprint is that of no model of this run/,
    ],
    ['a forced answer twice', { beliefs: [belief, belief] }, /line 27: key stands twice/],
    [
      'a run that is too large',
      { run: exampleRun({ samples: 10_000, temperatures: [...Array(20).keys()].map((t) => 1 + t / 10) }) },
      /the run plans 600000 answers/,
    ],
  ])('has %s, with a right SHA-256', (_, change, sentence) => {
    expect(() => parse(rewritten(change))).toThrow(sentence);
  });

  it('has a prototype key anywhere', () => {
    for (const spelling of ['__proto__', '\\u005f_proto__']) {
      const evil = text.replace('"scores":{', `"scores":{"${spelling}":{"admin":true},`);
      expect(() => parse(evil)).toThrow('a field is named __proto__');
    }
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('has an answer that speaks of __proto__, which is fine', () => {
    const records = { rollouts: [{ ...second, text: 'What is "__proto__": {}?' }], verdicts: [] };
    expect(parse(rewritten(records)).rollouts).toEqual(records.rollouts);
  });

  it('has a line that no record needs', () => {
    expect(() => parse(`${lines[0]}${' '.repeat(16_000_001)}`)).toThrow(
      'line 2: more than 16000000 characters',
    );
  });

  it('is nested without end', () => {
    const deep = `{"type":"run","prompts":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(() => parse(`${lines[0]}${deep}\n${lines[2]}`)).toThrow(InputError);
  });
});

describe('a run file, fuzzed', () => {
  /** The result, or null for an InputError; any other error fails the test. */
  const tryParse = (source: string | Iterable<string>): RunFile | null => {
    try {
      return parse(source);
    } catch (error) {
      if (error instanceof InputError) return null;
      throw error;
    }
  };

  it('never throws anything but an InputError', () => {
    const json = fc.json();
    const line = fc.oneof(fc.string({ unit: 'binary' }), json, fc.constantFrom(...lines));
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (source) => tryParse(source) === null));
    fc.assert(
      fc.property(fc.array(line), (source) => {
        const result = tryParse(source);
        expect(result === null || result.run.id === run.id).toBe(true);
      }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('run', 'rollout', 'verdict', 'end'), fc.object())),
        (records) => {
          const source = records.map(([type, record]) => JSON.stringify({ ...record, type }));
          expect(tryParse([lines[0] ?? '', lines[1] ?? '', ...source])).toBeNull();
        },
      ),
    );
  });

  it('never reads a mutated file as one with other numbers', () => {
    const at = fc.nat({ max: text.length - 1 });
    const mutation = fc.tuple(
      at,
      fc.nat({ max: 40 }),
      fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('0', '1', '9', '"', '\n')),
    );
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
        let mutated = text;
        for (const [start, length, inserted] of mutations) {
          mutated = mutated.slice(0, start) + inserted + mutated.slice(start + length);
        }
        const result = tryParse(mutated);
        if (result !== null) expect(result).toEqual(whole);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is never read when cut', () => {
    fc.assert(
      fc.property(fc.nat({ max: text.length - 3 }), (length) => tryParse(text.slice(0, length)) === null),
    );
  });
});
