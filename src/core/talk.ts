import { z } from 'zod';
import { dialled, hasDial, highestDial, parseDialId } from './dial.ts';
import { type ModelCard, type TransformersCard, modelCardSchema } from './model.ts';
import { type RolloutSpec, planRollouts } from './plan.ts';
import {
  type PlannedPrompt,
  type Run,
  plannedPromptSchema,
  runDefaults,
  runFormat,
  runSchema,
} from './run.ts';

/** The newest version of the stored form; migrate.ts lifts older ones. */
export const talkFormat = 1;

const { system, samples, topP, maxTokens, seed } = runSchema.shape;

/**
 * What a speaker asks on stage, of whom, and how. It is a plan, with the same cells as a run of the same settings: a
 * recording is the stored answer of a cell, and what is asked live has the rehearsal's seed.
 */
export const talkSchema = z.strictObject({
  format: z.literal(talkFormat),
  id: z.string().min(1),
  title: z.string().min(1),
  /** ISO 8601, UTC; so is `updatedAt`. */
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /** In the order in which number keys choose them. Copied from a suite, or the talk's own. */
  prompts: z.array(plannedPromptSchema).min(1),
  /** The voices: personas first, then the base. Whole cards, so that a talk replays where no model is installed. */
  models: z.array(modelCardSchema).min(1),
  ...{ system, samples, topP, maxTokens, seed },
  temperature: z.number().min(0).max(5),
});
export type Talk = z.infer<typeof talkSchema>;

/** What makes a new talk; the rest is given to it when it is stored. */
export type TalkOrder = Pick<Talk, 'title' | 'prompts' | 'models'>;

/** Eight answers at once, for the rest as a run. */
export const talkDefaults = {
  system: runDefaults.system,
  temperature: 0.8,
  topP: runDefaults.topP,
  maxTokens: runDefaults.maxTokens,
  samples: 8,
  seed: runDefaults.seed,
} as const;

export function newTalk(id: string, order: TalkOrder, createdAt: string): Talk {
  return { format: talkFormat, id, ...talkDefaults, ...order, createdAt, updatedAt: createdAt };
}

/** A question of the speaker's own. */
export function ownPrompt(promptId: string, text: string): PlannedPrompt {
  return { suite: 'talk', suiteVersion: 1, suiteKind: 'custom', category: 'talk', promptId, text };
}

/** The run that has a talk's cells; `models` in place of the talk's own, as at another position of the dial. */
export function runOfTalk(talk: Talk, models: readonly ModelCard[] = talk.models): Run {
  const { id, title, createdAt, prompts, temperature } = talk;
  return {
    ...{ format: runFormat, id: `talk-${id}`, name: title, createdAt, models: [...models], prompts },
    ...{ system: talk.system, temperatures: [temperature], samples: talk.samples, topP: talk.topP },
    ...{ maxTokens: talk.maxTokens, stop: [], seed: talk.seed, judgings: [] },
  };
}

/** The run of all that can be asked on stage: a talk's own cells, and those at the other positions of its dials. */
export function stageRunOf(talk: Talk): Run {
  const known = new Set(talk.models.map(({ id }) => id));
  const positions = Array.from(
    { length: highestDial / stageDialStep + 1 },
    (_, step) => step * stageDialStep,
  );
  const moved = talk.models.filter(canDial).flatMap((voice) => positions.map((at) => dialled(voice, at)));
  return runOfTalk(talk, [...talk.models, ...moved.filter(({ id }) => !known.has(id))]);
}

/** All cells of a talk, with the keys under which their recordings are stored. */
export function planTalk(talk: Talk, models?: readonly ModelCard[]): RolloutSpec[] {
  return planRollouts(runOfTalk(talk, models));
}

/** Two presses from the base to the persona are too few to see it change, and ten too many. */
export const stageDialStep = 0.25;

/** Whether a voice's dial can be moved on stage: it stands in the talk as trained. */
export function canDial(voice: ModelCard): voice is TransformersCard {
  return hasDial(voice) && parseDialId(voice.id).position === 1;
}

/** A persona and its base, of which `voice` is one; null where the talk lacks the other. */
export function pairOf(talk: Talk, voice: ModelCard): readonly [ModelCard, ModelCard] | null {
  const isBase = voice.persona === null;
  const others = talk.models.filter(({ persona }) => (persona === null) !== isBase);
  const own = others.find(({ base }) => base === voice.base) ?? others[0];
  if (isBase) return own ? [own, voice] : null;
  if (own) return [voice, own];
  return canDial(voice) ? [voice, dialled(voice, 0)] : null;
}

/**
 * The talk with its voices as this device has them now. A voice that cannot be asked here (`find` gives undefined)
 * stays as it was recorded.
 */
export function withPresentVoices(talk: Talk, find: (id: string) => ModelCard | undefined): Talk {
  return { ...talk, models: talk.models.map((card) => find(card.id) ?? card) };
}
