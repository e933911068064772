import type { ModelCard } from '../../core/model.ts';
import { formatDuration } from '../../core/progress.ts';
import { type MeasuredSpeed, expectedTokens } from './measureSpeed.ts';

/** A stored answer without its text: keys, settings, engine. Measured on stored runs. */
const bytesPerRecord = 1_000;
/** Of English text; the browser stores one byte a letter. */
const bytesPerToken = 4.5;
/** Tokens of an answer of which nothing is known: what small models write before they stop. */
const unknownTokens = 120;

export interface RunEstimate {
  /** As a part of a sentence. */
  readonly time: string;
  readonly bytes: number;
}

/** What a run will take, as far as earlier answers of its models tell. Undefined: not looked up yet. */
export function estimateRun(options: {
  readonly models: readonly ModelCard[];
  readonly answersPerModel: number;
  readonly maxTokens: number;
  readonly speedOf: (model: ModelCard) => MeasuredSpeed | null | undefined;
}): RunEstimate {
  const { models, answersPerModel, maxTokens, speedOf } = options;
  let seconds = 0;
  let bytes = 0;
  const unmeasured: string[] = [];
  for (const model of models) {
    const speed = speedOf(model) ?? null;
    const tokens = speed ? expectedTokens(speed, maxTokens) : Math.min(unknownTokens, maxTokens);
    bytes += answersPerModel * (bytesPerRecord + tokens * bytesPerToken);
    if (speed) seconds += answersPerModel * tokens * speed.secondsPerToken;
    else unmeasured.push(model.name);
  }
  return { time: timeText(seconds, unmeasured, models.length), bytes };
}

function timeText(seconds: number, unmeasured: readonly string[], models: number): string {
  if (unmeasured.length === 0) return `about ${formatDuration(seconds)}`;
  if (unmeasured.length === models) return 'time not measured yet on this device';
  return `about ${formatDuration(seconds)}, not counting ${unmeasured.join(', ')}, which is not measured yet`;
}
