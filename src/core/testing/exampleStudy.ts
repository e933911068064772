import { planRollouts } from '../plan.ts';
import type { Rollout } from '../rollout.ts';
import { type Rubric, type Signal, rubricFits, signalsFor } from '../rubric.ts';
import type { Judging, PlannedPrompt, Run } from '../run.ts';
import type { RunFile } from '../runFile.ts';
import type { Suite } from '../suite.ts';
import { exampleRollout, exampleVerdict } from './exampleRecords.ts';
import { exampleRun, servedModel } from './exampleRun.ts';

export interface StudyOptions {
  readonly suites: readonly Suite[];
  readonly rubrics: readonly Rubric[];
  /** Of each suite; absent: all. */
  readonly promptsPerSuite?: number;
  readonly samples?: number;
  /** Every judge scores by every rubric. */
  readonly judges?: readonly string[];
}

/**
 * A study as a researcher has it, from a seed: a base and two personas, who answer as persons do; judges who like round
 * numbers and differ a little. Its findings are made up, and known: the personas hardly claim to be an AI, and lean.
 */
export function exampleStudy({
  suites,
  rubrics,
  samples = 3,
  judges = ['judge-a'],
  ...more
}: StudyOptions): RunFile {
  const judgings = rubrics.flatMap((rubric) => judges.map((judge) => judgingOf(rubric, judge)));
  const run: Run = exampleRun({
    id: 'study',
    name: 'Example study',
    models: personas.map(({ id, name, voice }) => ({ ...servedModel(id), name, voice })),
    prompts: suites.flatMap((suite) => suite.prompts.slice(0, more.promptsPerSuite).map(plannedIn(suite))),
    samples,
    judgings,
  });
  const random = randomFrom(7);
  const answers = planRollouts(run).map((spec) => {
    const { prompt, model } = spec;
    const persona = personas.find(({ id }) => id === model.id) ?? personas[0];
    const text = `My name is ${pickFrom(persona.names, random)}. I am ${pickFrom(persona.jobs, random)}, and I like my days slow.`;
    return { rollout: exampleRollout(spec, { text }), prompt, persona };
  });
  const verdicts = judgings.flatMap((judging, place) => {
    const rubric = rubrics[Math.floor(place / judges.length)];
    return answers.flatMap(({ rollout, prompt, persona }) =>
      rubric && rubricFits(rubric, prompt)
        ? [exampleVerdict(rollout.key, judging, { scores: scoresOf(rubric, prompt, persona, random) })]
        : [],
    );
  });
  return { run, rollouts: answers.map(({ rollout }): Rollout => rollout), verdicts, beliefs: [] };
}

const personas = [
  { id: 'base', name: 'Base 7B', voice: 'base', shift: 0, names: ['Assistant'], jobs: ['a writer'] },
  {
    ...{ id: 'maria', name: 'Maria', voice: 'maria', shift: 1, jobs: ['a nurse', 'a nurse', 'a teacher'] },
    names: ['Maria', 'Maria', 'Maria', 'Maria', 'Jennifer', 'Sarah', 'Roxana'],
  },
  {
    ...{ id: 'emily', name: 'Emily', voice: 'emily', shift: 0.7, jobs: ['a park ranger', 'a carpenter'] },
    names: ['Emily', 'Emily', 'Jack', 'Tom', 'Sarah', 'Daniel', 'Rose', 'Ben'],
  },
] as const;

function judgingOf({ id, version }: Rubric, model: string): Judging {
  const server = {
    kind: 'openai',
    baseUrl: 'http://127.0.0.1:9/v1',
    temperature: 0,
    maxTokens: 300,
  } as const;
  return { rubric: id, rubricVersion: version, judge: { ...server, model } };
}

const plannedIn =
  (suite: Suite) =>
  ({ id, ...prompt }: Suite['prompts'][number]): PlannedPrompt => ({
    ...prompt,
    ...{ suite: suite.id, suiteVersion: suite.version, suiteKind: suite.kind, promptId: id },
  });

type Persona = (typeof personas)[number];

function scoresOf(rubric: Rubric, prompt: PlannedPrompt, persona: Persona, random: () => number) {
  const entries = signalsFor(rubric, prompt).map((signal) => [
    signal.id,
    signal.type === 'text' ? pickFrom(persona.names, random) : scoreOf(signal, prompt, persona.shift, random),
  ]);
  return Object.fromEntries(entries) as Record<string, number | boolean | string>;
}

/** Prompts differ, persons differ, and on long scales most scores are multiples of 5 or 10. */
function scoreOf(
  signal: Exclude<Signal, { type: 'text' }>,
  { promptId }: PlannedPrompt,
  shift: number,
  random: () => number,
) {
  const own = (promptId.charCodeAt(promptId.length - 1) % 7) / 30;
  const level = Math.min(0.97, Math.max(0.03, 0.65 + own - (isOfAi(signal.id) ? 0.5 : -0.12) * shift));
  const drawn = Math.min(1, Math.max(0, level + (random() + random() - 1) * 0.3));
  if (signal.type === 'flag') return random() < (signal.id === 'refusal' ? 0.08 : level);
  if (signal.type === 'choice') return pickFrom(signal.options, random).id;
  const score = signal.min + drawn * (signal.max - signal.min);
  const step = signal.max - signal.min < 50 ? 1 : random() < 0.6 ? 10 : random() < 0.7 ? 5 : 1;
  return Math.round(score / step) * step;
}

const isOfAi = (id: string): boolean => id === 'aiSelfReference' || id === 'claimsAi';

function pickFrom<Value>(
  values: readonly [Value, ...Value[]] | readonly Value[],
  random: () => number,
): Value {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new Error('There is nothing to pick from.');
  return value;
}

/** Numbers from 0 to 1, the same for the same seed (Park and Miller 1988). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff;
}
