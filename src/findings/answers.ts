import { promptKey } from '../core/promptKey.ts';
import type { Rubric } from '../core/rubric.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Judging, PlannedPrompt, Run } from '../core/run.ts';
import { type ScoredVerdict, type Verdict, isSameJudging } from '../core/verdict.ts';
import { lazily } from './lazily.ts';

/** A stored answer of a run with its prompt. */
export interface PlacedAnswer {
  readonly rollout: Rollout;
  readonly prompt: PlannedPrompt;
  /** The prompt's key; the same text for all of its answers. */
  readonly cluster: string;
}

/** A stored answer with its prompt and its verdict by one judging. */
export interface JudgedAnswer extends PlacedAnswer {
  /** Undefined when it was not judged. */
  readonly verdict: Verdict | undefined;
}

/** All answers of a run with the verdicts of one judging. */
export interface JudgedSet {
  readonly judging: Judging;
  readonly rubric: Rubric;
  readonly answers: readonly JudgedAnswer[];
}

/**
 * The run's answers with their verdicts by the given judging; without one, with none. Answers to prompts that
 * the run does not have are left out.
 */
export function joinVerdicts(options: {
  readonly run: Run;
  readonly rollouts: Iterable<Rollout>;
  readonly verdicts: Iterable<Verdict>;
  readonly judging?: Judging;
}): JudgedAnswer[] {
  const { judging } = options;
  const byRollout = new Map<string, Verdict>();
  for (const verdict of judging ? options.verdicts : [])
    if (judging && isSameJudging(verdict, judging)) byRollout.set(verdict.rolloutKey, verdict);
  return withVerdicts(placeAnswers(options.run, options.rollouts), byRollout);
}

/** Answers to prompts that the run does not have are left out. */
export function placeAnswers({ prompts }: Pick<Run, 'prompts'>, rollouts: Iterable<Rollout>): PlacedAnswer[] {
  const bySuite = new Map<string, Map<string, Omit<PlacedAnswer, 'rollout'>>>();
  for (const prompt of prompts) {
    const places = bySuite.get(prompt.suite) ?? new Map<string, Omit<PlacedAnswer, 'rollout'>>();
    bySuite.set(prompt.suite, places.set(prompt.promptId, { prompt, cluster: promptKey(prompt) }));
  }
  const answers: PlacedAnswer[] = [];
  for (const rollout of rollouts) {
    const place = bySuite.get(rollout.suite)?.get(rollout.promptId);
    if (place) answers.push({ rollout, prompt: place.prompt, cluster: place.cluster });
  }
  return answers;
}

/** `verdicts`: those of one judging, by the rollout's key. */
export function withVerdicts(
  answers: readonly PlacedAnswer[],
  verdicts: ReadonlyMap<string, Verdict>,
): JudgedAnswer[] {
  return answers.map(({ rollout, prompt, cluster }) => {
    return { rollout, prompt, cluster, verdict: verdicts.get(rollout.key) };
  });
}

export function isScored<Answer extends JudgedAnswer>(
  answer: Answer,
): answer is Answer & { readonly verdict: ScoredVerdict } {
  return answer.verdict?.status === 'scored';
}

/** Answers that stand together and are of one model, to one prompt, at one temperature. */
export function* cellsOf<Answer extends JudgedAnswer>(answers: readonly Answer[]) {
  let start = 0;
  while (start < answers.length) {
    const { prompt, rollout } = answers[start] as Answer;
    const { model, temperature } = rollout;
    let end = start + 1;
    while (answers[end] && isOfCell(answers[end] as Answer, prompt, model, temperature)) end += 1;
    yield { prompt, model, temperature, answers: answers.slice(start, end) };
    start = end;
  }
}

function isOfCell(
  { prompt, rollout }: JudgedAnswer,
  wanted: PlannedPrompt,
  model: string,
  temperature: number,
): boolean {
  return prompt === wanted && rollout.model === model && rollout.temperature === temperature;
}

/** The answers of the first set, each with its twins in the others; undefined where a set has none. */
export function* answersInAll([first, ...others]: readonly JudgedSet[]): Generator<
  readonly (JudgedAnswer | undefined)[]
> {
  const byKey = others.map(({ answers }) =>
    lazily(() => new Map(answers.map((answer) => [answer.rollout.key, answer]))),
  );
  for (const [place, answer] of (first?.answers ?? []).entries()) {
    // Sets of one study have the same answers in the same places.
    const twins = others.map(({ answers }, other) => {
      const twin = answers[place];
      return twin?.rollout === answer.rollout ? twin : byKey[other]?.().get(answer.rollout.key);
    });
    yield [answer, ...twins];
  }
}
