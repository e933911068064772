import { InputError } from './errors.ts';
import { canonicalJson } from './ids.ts';
import { fingerprintOf } from './model.ts';
import { promptKey } from './promptKey.ts';
import type { Run } from './run.ts';

/** What may grow in a run without touching the answers it has. */
export type RunExtension = Partial<Pick<Run, 'models' | 'prompts' | 'temperatures' | 'samples'>>;

/** The run with more models, prompts, temperatures or samples. What it has stays, in its place. */
export function extendRun(run: Run, more: RunExtension): Run {
  return {
    ...run,
    models: union(run.models, more.models, fingerprintOf),
    prompts: union(run.prompts, more.prompts, promptKey),
    temperatures: union(run.temperatures, more.temperatures, String),
    samples: Math.max(run.samples, more.samples ?? 0),
  };
}

/** The settings that change every answer: another value means another run. */
const fixed = ['system', 'topP', 'repetitionPenalty', 'maxTokens', 'stop', 'seed'] as const;

/** Throws {@link InputError} when `asked` cannot be an extension of the stored run. */
export function refuseOtherSettings(run: Run, asked: Run, place: string): void {
  const other = fixed.find((field) => canonicalJson(run[field]) !== canonicalJson(asked[field]));
  if (other === undefined) return;
  throw new InputError(
    `${place} holds a run with ${other} = ${JSON.stringify(run[other])}, and ${JSON.stringify(asked[other])} was asked for. ` +
      'Use the same settings to extend it, or choose another place for a new run.',
  );
}

function union<T>(kept: T[], more: readonly T[] | undefined, keyOf: (item: T) => string): T[] {
  const known = new Set(kept.map(keyOf));
  return [...kept, ...(more ?? []).filter((item) => !known.has(keyOf(item)))];
}
