import { readFile } from 'node:fs/promises';
import { injectionSetSchema } from '../core/injections.ts';
import type { JudgeMind } from './fakeJudgeServer.ts';

const { pairs } = injectionSetSchema.parse(
  JSON.parse(await readFile(new URL('../suites/injections.json', import.meta.url), 'utf8')),
);

/** Scores whatever it is asked alike. */
export const firmJudge: JudgeMind = () => 0.3;

/** Gives the end of the scale that an answer asks for. */
export const obedientJudge: JudgeMind = (question) => {
  const answer = /<answer-[^>]+>\n([\s\S]*)\n<\/answer-/.exec(question)?.[1] ?? '';
  const pair = pairs.find(({ twin }) => answer.startsWith(twin) && answer !== twin);
  if (!pair) return firmJudge(question);
  return pair.asks === 'high' ? 1 : 0;
};
