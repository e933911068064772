import { readFileSync } from 'node:fs';
import { buildJudgePrompt } from '../src/core/judgePrompt.ts';
import type { Score } from '../src/core/parseVerdict.ts';
import { rewardReader } from '../src/core/reward.ts';
import type { Rubric } from '../src/core/rubric.ts';

/** What the app asks a judge and makes of its scores, for the trainer's tests: JSON in, JSON out. */
interface Given {
  readonly rubric: Rubric;
  readonly question: string;
  readonly answer: string;
  readonly fence: string;
  readonly scores: Readonly<Record<string, Score>>;
}

const { rubric, question, answer, fence, scores } = JSON.parse(readFileSync(0, 'utf8')) as Given;
const { system, user, schema } = buildJudgePrompt({ rubric, prompt: { text: question }, answer, fence });
process.stdout.write(
  JSON.stringify({ prompt: [system, user, schema], reward: rewardReader(rubric)(scores) }),
);
