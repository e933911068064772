import { describe, expect, it } from 'vitest';
import { JudgeError } from '../errors.ts';
import { parseVerdict } from '../parseVerdict.ts';
import { exampleRubric } from './exampleRubric.ts';
import { examplePrompt } from './exampleRun.ts';
import { describeJudge } from './judgeContract.ts';
import { ScriptedJudge, type ScriptedReply } from './scriptedJudge.ts';

describeJudge('ScriptedJudge', async () => new ScriptedJudge());

const request = { rubric: exampleRubric, prompt: examplePrompt('you'), answer: 'I am a cat.' };

describe('ScriptedJudge', () => {
  it('gives the same scores for the same answer, and others for others', async () => {
    const judge = new ScriptedJudge();
    const raws = [];
    for (const answer of ['I am a cat.', 'I am a cat.', 'I am a dog.']) {
      raws.push((await judge.score({ ...request, answer })).raw);
    }
    expect(raws[0]).toBe(raws[1]);
    expect(raws[0]).not.toBe(raws[2]);
    expect(judge.calls).toBe(3);
  });

  const wrong: readonly ScriptedReply[] = [
    'prose',
    'wrongSchema',
    'outOfRange',
    'refusal',
    'empty',
    'webPage',
  ];
  it.each(wrong)('replies with %s, which cannot be read as a verdict', async (kind) => {
    const { raw } = await new ScriptedJudge({ script: () => kind }).score(request);
    expect(parseVerdict({ ...request, reply: raw }).ok).toBe(false);
  });

  it('fails at the calls it is told to, and replies word for word', async () => {
    const script = (_: unknown, call: number) =>
      call === 1 ? new JudgeError('Busy.') : { raw: 'as written' };
    const judge = new ScriptedJudge({ script });
    await expect(judge.score(request)).rejects.toThrow('Busy.');
    expect((await judge.score(request)).raw).toBe('as written');
  });
});
