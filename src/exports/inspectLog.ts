import { type ModelCard, fingerprintOf } from '../core/model.ts';
import { planRollouts } from '../core/plan.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Run } from '../core/run.ts';
import type { RunFile } from '../core/runFile.ts';
import { promptsByKey } from '../core/promptKey.ts';
import { inspectResults } from './inspectResults.ts';
import { type InspectSample, inspectSample, sampleIdsOf, writeUnscored } from './inspectSample.ts';
import { type InspectScorer, inspectScorers } from './inspectScorers.ts';

export interface InspectLog {
  /** The model card's id. */
  readonly model: string;
  readonly text: string;
}

/**
 * A run as Inspect AI logs (JSON, schema version 2), one for each model, as Inspect has one model in a log. A
 * prompt at a temperature is a sample (`promptId@0.8`; without the temperature where there is only one), its
 * repeats are epochs, and each signal of each judging is a scorer. A failed answer is a sample with an error, a
 * failed verdict a score that Inspect counts as unscored (NaN), never a zero.
 */
export function writeInspectLogs(data: RunFile): InspectLog[] {
  return data.run.models.map((model) => ({ model: model.id, text: logOf(model, data) }));
}

function logOf(model: ModelCard, { run, rollouts, verdicts }: RunFile): string {
  const fingerprint = fingerprintOf(model);
  const own = rollouts.filter(({ modelFingerprint }) => modelFingerprint === fingerprint);
  const scorers = inspectScorers({ run, verdicts });
  const context = { model, scorers, prompts: promptsByKey(run), idOf: sampleIdsOf(run) };
  const samples = own.map((rollout) => inspectSample(rollout, context));
  const planned = planRollouts(run).filter(({ modelFingerprint }) => modelFingerprint === fingerprint).length;
  return writeUnscored({
    version: 2,
    // Inspect's word for a run that was stopped before all its samples were there.
    status: own.length < planned ? 'cancelled' : 'success',
    eval: evalOf(model, run, samples, scorers),
    plan: planOf(run),
    results: {
      total_samples: planned,
      completed_samples: own.filter(({ status }) => status === 'done').length,
      scores: inspectResults(scorers, samples),
    },
    stats: statsOf(model, own, samples),
    samples,
  });
}

function evalOf(
  model: ModelCard,
  run: Run,
  samples: readonly InspectSample[],
  scorers: readonly InspectScorer[],
) {
  const suites = [...new Map(run.prompts.map(({ suite, suiteVersion }) => [suite, suiteVersion]))];
  const [[, version] = ['', 0]] = suites;
  const ids = new Set(samples.map(({ id }) => id));
  return {
    eval_id: `${run.id}-${model.id}`,
    run_id: run.id,
    created: run.createdAt,
    task: suites.map(([suite]) => suite).join('+'),
    task_id: `${run.id}-${model.id}`,
    task_version: suites.length === 1 ? version : 0,
    task_display_name: run.name,
    dataset: {
      name: suites.map(([suite]) => suite).join('+'),
      samples: ids.size,
      sample_ids: [...ids],
      shuffled: false,
    },
    model: model.id,
    ...(model.engine === 'openai' ? { model_base_url: model.baseUrl } : {}),
    model_generate_config: generateConfigOf(run),
    config: { epochs: epochsOf(run), epochs_reducer: ['mean'] },
    metadata: { otherself_run: run.id, seed: run.seed, temperatures: run.temperatures, base: model.base },
    scorers: scorers.map(({ name, metrics, metadata }) => ({ name, metrics, metadata })),
  };
}

/** At temperature 0 there is one answer to a prompt. */
function epochsOf({ temperatures, samples }: Run): number {
  return temperatures.some((temperature) => temperature > 0) ? samples : 1;
}

/** The temperature stands here only where the whole run has one; else it is in each sample. */
function generateConfigOf({ temperatures, topP, repetitionPenalty, maxTokens, stop }: Run) {
  const [temperature, ...others] = temperatures;
  return {
    ...(others.length === 0 ? { temperature } : {}),
    top_p: topP,
    max_tokens: maxTokens,
    // Inspect has no name of its own for it.
    ...(repetitionPenalty === undefined ? {} : { extra_body: { repetition_penalty: repetitionPenalty } }),
    ...(stop.length > 0 ? { stop_seqs: stop } : {}),
  };
}

function planOf(run: Run) {
  const generate = { solver: 'generate', params: {} };
  const system = { solver: 'system_message', params: { template: run.system } };
  return {
    name: 'plan',
    steps: run.system === '' ? [generate] : [system, generate],
    config: generateConfigOf(run),
  };
}

function statsOf(model: ModelCard, rollouts: readonly Rollout[], samples: readonly InspectSample[]) {
  const times = rollouts.map(({ createdAt }) => createdAt).sort();
  const usage = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };
  for (const { output } of samples) {
    usage.input_tokens += output?.usage.input_tokens ?? 0;
    usage.output_tokens += output?.usage.output_tokens ?? 0;
  }
  usage.total_tokens = usage.input_tokens + usage.output_tokens;
  return { started_at: times[0] ?? '', completed_at: times.at(-1) ?? '', model_usage: { [model.id]: usage } };
}
