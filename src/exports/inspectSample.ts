import { promptKey } from '../core/promptKey.ts';
import type { ModelCard } from '../core/model.ts';
import { type DoneRollout, type Rollout, messagesOf } from '../core/rollout.ts';
import type { PlannedPrompt, Run } from '../core/run.ts';
import { type InspectScore, type InspectScorer, clusterKey } from './inspectScorers.ts';

export type InspectSample = ReturnType<typeof inspectSample>;

export interface InspectContext {
  readonly model: ModelCard;
  readonly scorers: readonly InspectScorer[];
  readonly prompts: ReadonlyMap<string, PlannedPrompt>;
  readonly idOf: (rollout: Rollout) => string;
}

/** The prompt's id; with the suite where the run has several, and the temperature where it has several. */
export function sampleIdsOf({ prompts, temperatures }: Run): (rollout: Rollout) => string {
  const hasOneSuite = new Set(prompts.map(({ suite }) => suite)).size === 1;
  return (rollout) => {
    const prompt = hasOneSuite ? rollout.promptId : promptKey(rollout);
    return temperatures.length === 1 ? prompt : `${prompt}@${rollout.temperature}`;
  };
}

export function inspectSample(rollout: Rollout, { model, scorers, prompts, idOf }: InspectContext) {
  const prompt = prompts.get(promptKey(rollout));
  const asked = messagesOf(rollout.system, rollout.prompt).map((message) => ({
    ...message,
    source: 'input',
  }));
  return {
    id: idOf(rollout),
    epoch: rollout.sample + 1,
    uuid: rollout.key,
    input: rollout.prompt,
    target: prompt?.reference ?? '',
    metadata: {
      [clusterKey]: promptKey(rollout),
      suite: rollout.suite,
      category: rollout.category,
      ...(rollout.group === undefined ? {} : { group: rollout.group }),
      ...(prompt?.lean === undefined ? {} : { lean: prompt.lean }),
      temperature: rollout.temperature,
      seed: rollout.seed,
    },
    messages: rollout.status === 'done' ? [...asked, answerOf(rollout, model)] : asked,
    ...(rollout.status === 'done' ? { output: outputOf(rollout, model) } : {}),
    scores: scoresOf(rollout, scorers),
    completed_at: rollout.createdAt,
    ...(rollout.status === 'done' ? { total_time: rollout.durationMs / 1000 } : {}),
    ...(rollout.status === 'failed'
      ? { error: { message: rollout.error, traceback: rollout.error, traceback_ansi: rollout.error } }
      : {}),
  };
}

/**
 * The log as JSON, with the unscored values (null here) as NaN: Inspect writes and reads them so, though strict
 * JSON has no such number. The quotation marks of a text are escaped, so that none can hold this pattern.
 */
export function writeUnscored(log: object): string {
  return JSON.stringify(log, null, 1).replace(/^(\s*)"value": null(,?)$/gm, '$1"value": NaN$2');
}

function answerOf(rollout: DoneRollout, model: ModelCard) {
  return { role: 'assistant', content: rollout.text, source: 'generate', model: model.id };
}

function outputOf(rollout: DoneRollout, model: ModelCard) {
  const { promptTokens, tokens, finish, durationMs, text, tokenTimesMs, tokenEnds } = rollout;
  const stopReason = finish === 'length' ? 'max_tokens' : 'stop';
  return {
    model: model.id,
    choices: [{ message: answerOf(rollout, model), stop_reason: stopReason }],
    completion: text,
    usage: { input_tokens: promptTokens, output_tokens: tokens, total_tokens: promptTokens + tokens },
    time: durationMs / 1000,
    // Inspect has no field for them, and this one for what it has no field for.
    ...(tokenTimesMs && { metadata: { token_times_ms: tokenTimesMs, token_ends: tokenEnds } }),
  };
}

function scoresOf(rollout: Rollout, scorers: readonly InspectScorer[]): Record<string, InspectScore> {
  const scores = scorers.flatMap(({ name, scoreOn }) => {
    const score = scoreOn(rollout);
    return score ? [[name, score] as const] : [];
  });
  return Object.fromEntries(scores);
}
