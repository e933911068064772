import { describe, expect, it } from 'vitest';
import { JudgeRefusedError } from './errors.ts';
import { ScriptedJudge } from './testing/scriptedJudge.ts';
import { tryJudge } from './tryJudge.ts';

describe('trying a judge', () => {
  it('says that it works, after one request', async () => {
    const judge = new ScriptedJudge();
    expect(await tryJudge(judge)).toEqual({
      isFine: true,
      sentence: 'The judge works: its verdict could be read. Structured output by JSON schema was accepted.',
    });
    expect(judge.calls).toBe(1);
  });

  it('tells what the server refused', async () => {
    const note = 'The server refused a JSON schema, so it was only asked for JSON.';
    const trial = await tryJudge(new ScriptedJudge({ notes: [note] }));
    expect(trial).toEqual({ isFine: true, sentence: `The judge works: its verdict could be read. ${note}` });
  });

  it.each(['prose', 'wrongSchema', 'empty', 'webPage'] as const)(
    'takes a reply that is no verdict (%s) for what it is',
    async (reply) => {
      const trial = await tryJudge(new ScriptedJudge({ script: () => reply }));
      expect(trial.isFine).toBe(false);
      expect(trial.sentence).toMatch(/not with a verdict .* Choose another model\.$/);
    },
  );

  it('throws what the judge throws, and stops when it is told to', async () => {
    const refusal = new JudgeRefusedError('The server refused the API key (401).');
    await expect(tryJudge(new ScriptedJudge({ script: () => refusal }))).rejects.toBe(refusal);
    const signal = AbortSignal.abort();
    await expect(tryJudge(new ScriptedJudge(), { signal })).rejects.toThrow(/abort/i);
  });
});
