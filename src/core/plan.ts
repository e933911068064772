import { adaptersOf } from './dial.ts';
import { type ModelCard, engineKeyOf, fingerprintOf } from './model.ts';
import type { GenerationRequest } from './ports/engine.ts';
import { seedOf } from './ids.ts';
import { messagesOf, rolloutKeysOf } from './rollout.ts';
import type { PlannedPrompt, Run } from './run.ts';

/** What to ask of whom is the cell's own; the key is that of the record to come. */
export interface Cell {
  readonly key: string;
  readonly model: ModelCard;
}

/** One cell of a run: what to ask of whom, and the key under which the answer is stored. */
export interface RolloutSpec extends Cell {
  readonly modelFingerprint: string;
  readonly prompt: PlannedPrompt;
  readonly system: string;
  readonly sample: number;
  readonly request: GenerationRequest;
}

/** Greedy answers repeat, so temperature 0 has one sample. */
export function samplesAt(run: Pick<Run, 'samples'>, temperature: number): number {
  return temperature === 0 ? 1 : run.samples;
}

export function countRollouts(run: Pick<Run, 'models' | 'prompts' | 'temperatures' | 'samples'>): number {
  const perPrompt = run.temperatures.reduce((sum, temperature) => sum + samplesAt(run, temperature), 0);
  return run.models.length * run.prompts.length * perPrompt;
}

/**
 * All cells of a run by model, then by prompt; {@link groupByEngine} has the order in which they are collected
 * (equal prompts stand together, so that an engine may share their prefill). Deterministic. The seed of a
 * cell depends on the run's seed, prompt, temperature and sample, but not on the model: two models can be
 * compared draw by draw, and a run that is extended keeps the cells that it has.
 */
export function planRollouts(run: Run): RolloutSpec[] {
  const questions = run.prompts.flatMap((prompt) =>
    run.temperatures.map((temperature) => questionOf(run, prompt, temperature)),
  );
  return run.models.flatMap((model) => {
    const modelFingerprint = fingerprintOf(model);
    const adapters = adaptersOf(model);
    return questions.flatMap(({ prompt, seeds, ...asked }) => {
      const keyOf = rolloutKeysOf(modelFingerprint, { ...asked, ...adapters });
      return seeds.map((seed, sample): RolloutSpec => {
        const key = keyOf({ sample, seed });
        const request = { ...asked, seed, ...adapters };
        return { key, model, modelFingerprint, prompt, system: run.system, sample, request };
      });
    });
  });
}

/** The keys of a run's answers: cards with the same weights share their cells. */
export function cellKeys(run: Run): string[] {
  return [...new Set(planRollouts(run).map(({ key }) => key))];
}

/** What is asked of every model alike. */
function questionOf(run: Run, prompt: PlannedPrompt, temperature: number) {
  return {
    prompt,
    messages: messagesOf(run.system, prompt.text),
    sampling: { temperature, topP: run.topP, maxTokens: run.maxTokens, stop: run.stop, ...penaltyOf(run) },
    seeds: Array.from({ length: samplesAt(run, temperature) }, (_, sample) =>
      seedOf([run.seed, prompt.suite, prompt.promptId, temperature, sample]),
    ),
  };
}

/**
 * The cells of models that one engine serves, such as positions of a dial, side by side topic by topic, as prompt by
 * prompt: they share batches, and a run that is stopped has compared what it has.
 */
export function groupByEngine<Spec extends Cell>(
  plan: readonly Spec[],
  topicOf: (spec: Spec) => unknown,
): readonly (readonly Spec[])[] {
  const topics = new Map([...new Set(plan.map(topicOf))].map((topic, place) => [topic, place]));
  const engines = new Map(
    [...new Set(plan.map(({ model }) => model))].map((model) => [model, engineKeyOf(model)]),
  );
  const groups = new Map<string | undefined, Spec[]>();
  // Two cards can name the same weights: their cells are collected once, for the first.
  const seen = new Set<string>();
  for (const spec of plan) {
    if (seen.has(spec.key)) continue;
    seen.add(spec.key);
    const key = engines.get(spec.model);
    const group = groups.get(key) ?? [];
    group.push(spec);
    groups.set(key, group);
  }
  const placeOf = (spec: Spec): number => topics.get(topicOf(spec)) ?? 0;
  return [...groups.values()].map((group) => group.sort((a, b) => placeOf(a) - placeOf(b)));
}

/** A penalty of 1 is none, and has the keys of none. */
function penaltyOf({ repetitionPenalty = 1 }: Run): Pick<GenerationRequest['sampling'], 'repetitionPenalty'> {
  return repetitionPenalty === 1 ? {} : { repetitionPenalty };
}
