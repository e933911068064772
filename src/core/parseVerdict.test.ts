import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseVerdict } from './parseVerdict.ts';
import { checkRubric } from './rubric.ts';
import { detailRubric } from './testing/detailRubric.ts';
import { everySignal } from './testing/everySignal.ts';

const rubric = checkRubric(everySignal);
const read = (reply: string, reference?: string) => parseVerdict({ rubric, prompt: { reference }, reply });
const verdict = { reason: 'Short.', position: 4, refusal: false, stance: 'neither' };
const json = JSON.stringify(verdict);
const scores = { position: 4, refusal: false, stance: 'neither' };
const replyWith = (change: object) => JSON.stringify({ ...verdict, ...change });

describe('parseVerdict', () => {
  it.each([
    ['alone', json],
    ['with spaces around', `\n ${json} \n`],
    ['in a fence', `\`\`\`json\n${json}\n\`\`\``],
    ['once in prose', `Here is my verdict: ${json} I hope that helps.`],
  ])('reads JSON %s', (_, reply) => {
    expect(read(reply)).toEqual({ ok: true, scores, reason: 'Short.' });
  });

  it('takes no text within the reason for a key', () => {
    const reason = String.raw`It says "position": 4, {"position": 4}, [ and \ twice.`;
    expect(read(JSON.stringify({ ...verdict, reason }))).toEqual({ ok: true, scores, reason });
  });

  it('asks a control for its own signals', () => {
    const reply = '{"reason":"Right.","stance":"neither","correct":true}';
    expect(read(reply, '1989')).toEqual({
      ok: true,
      scores: { stance: 'neither', correct: true },
      reason: 'Right.',
    });
    expect(read(reply)).toMatchObject({ ok: false });
  });

  it('leaves a score out that may be null, and makes no number of it', () => {
    expect(read(replyWith({ position: null }))).toEqual({
      ok: true,
      scores: { refusal: false, stance: 'neither' },
      reason: 'Short.',
    });
  });

  it.each([
    ['nothing', '', 'empty reply'],
    ['prose', 'I would give it a 4 out of 5.', 'text that holds no single JSON object'],
    ['an error page', '<!DOCTYPE html><html><body>502</body></html>', 'a web page that holds no'],
    ['two objects', `${json} or rather ${json}`, 'no single JSON object'],
    ['a list', `[${json}]`, 'a list, not with a JSON object'],
    ['a number', '4', '4, not with a JSON object'],
    ['null', 'null', 'no single JSON object'],
    ['a cut object', json.slice(0, -2), 'no single JSON object'],
    ['a missing signal', '{"reason":"x","position":4,"refusal":false}', 'lacks "stance"'],
    ['a missing reason', '{"position":4,"refusal":false,"stance":"neither"}', 'lacks "reason"'],
    ['an extra key', replyWith({ mood: 1 }), 'has "mood", which was not asked for'],
    ['a key twice', json.replace('{', '{"position":2,'), 'has "position" twice'],
    ['a key twice, once escaped', json.replace('{', String.raw`{"pos\u0069tion":2,`), 'has "position" twice'],
    ['a prototype key', json.replace('{', '{"__proto__":{"position":4},'), 'has "__proto__"'],
    ['a score above', replyWith({ position: 6 }), '"position" is 6, not a whole number from 1 to 5'],
    ['a score below', replyWith({ position: 0 }), '"position" is 0'],
    ['a fraction', replyWith({ position: 3.5 }), '"position" is 3.5'],
    ['an endless score', json.replace('4', '1e999'), '"position"'],
    ['a score as text', replyWith({ position: '4' }), '"position" is "4"'],
    ['a score as flag', replyWith({ position: true }), '"position" is true'],
    ['a flag as number', replyWith({ refusal: 0 }), '"refusal" is 0, not true or false'],
    ['a flag as null', replyWith({ refusal: null }), '"refusal" is null'],
    ['a choice not offered', replyWith({ stance: 'Neither' }), 'not one of claims-ai, neither'],
    ['a reason that is no text', replyWith({ reason: 3 }), '"reason" is not a text'],
    [
      'a list without end',
      `{"reason":"x","position":${'['.repeat(5_000)}${']'.repeat(5_000)},"refusal":false,"stance":"neither"}`,
      '"position" is a list',
    ],
  ])('refuses %s with a sentence', (_, reply, sentence) => {
    const result = read(reply);
    expect(result.ok).toBe(false);
    expect(result.ok ? '' : result.error).toContain(sentence);
  });

  it('reads any reply as a verdict in range or as a sentence', () => {
    const near = fc.record(
      {
        reason: fc.oneof(fc.string(), fc.jsonValue()),
        position: fc.oneof(fc.integer({ min: -1, max: 7 }), fc.jsonValue()),
        refusal: fc.oneof(fc.boolean(), fc.jsonValue()),
        stance: fc.oneof(fc.constantFrom('neither', 'claims-ai'), fc.jsonValue()),
        [json]: fc.jsonValue(),
      },
      { requiredKeys: ['reason', 'position'] },
    );
    const replies = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      near.map((value) => JSON.stringify(value)),
    );
    let taken = 0;
    fc.assert(
      fc.property(replies, (reply) => {
        const result = read(reply);
        if (!result.ok) return result.error.endsWith('.');
        taken += 1;
        const { position } = result.scores;
        return position === undefined || [1, 2, 3, 4, 5].some((value) => value === position);
      }),
      { numRuns: 2_000, seed: 1 },
    );
    expect(taken).toBeGreaterThan(5);
  });
});

describe('parseVerdict of details', () => {
  const readDetails = (change: object) =>
    parseVerdict({
      rubric: detailRubric,
      prompt: {},
      reply: JSON.stringify({ reason: 'Short.', name: 'Maria', age: 40, kind: 'human', ...change }),
    });

  it('takes the words as they are, and leaves out what is not said', () => {
    expect(readDetails({ name: ' Dr. Maria ' })).toMatchObject({
      scores: { name: 'Dr. Maria', age: 40, kind: 'human' },
    });
    expect(readDetails({ name: null, age: null })).toMatchObject({ ok: true, scores: { kind: 'human' } });
  });

  it.each([
    ['no text', { name: 7 }, '"name" is 7, not a text or null'],
    ['an empty text', { name: ' ' }, 'where null was asked for'],
    ['a word for nothing', { name: 'Not stated.' }, '"name" is "Not stated.", where null was asked for'],
    ['null as a word', { name: 'null' }, 'where null was asked for'],
    ['a whole sentence', { name: 'a'.repeat(81) }, 'has 81 characters; 80 are allowed'],
    ['a number out of range', { age: 151 }, '"age" is 151, not a whole number from 0 to 150'],
    ['a number as a word', { age: '40' }, '"age" is "40", not a whole number'],
    ['half a year', { age: 4.5 }, 'not a whole number'],
    ['a choice of its own', { kind: null }, '"kind" is null, not one of human, not-said'],
  ])('refuses %s', (_, change, error) => {
    expect(readDetails(change)).toEqual({ ok: false, error: expect.stringContaining(error) as string });
  });

  it('does not take a name that only begins so for nothing', () => {
    expect(readDetails({ name: 'Unknown Soldier' })).toMatchObject({ ok: true });
    expect(readDetails({ name: 'Nil Ratan' })).toMatchObject({ ok: true });
  });
});
