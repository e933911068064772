import { beliefKey } from './belief.ts';
import { type BeliefProbe, type BeliefSet, type ForcedQuestion, beliefProbes } from './beliefSet.ts';
import { adaptersOf } from './dial.ts';
import { type ModelCard, fingerprintOf } from './model.ts';
import type { Cell } from './plan.ts';
import type { Message, ScoreRequest } from './ports/engine.ts';
import { promptKey } from './promptKey.ts';
import { type DoneRollout, messagesOf } from './rollout.ts';
import type { Run } from './run.ts';

/** A denial's first sentences; what comes after says little of the question. */
const maxSentences = 6;

/** A point in an answer that denies being an AI. */
export interface DenialPoint {
  readonly rollout: string;
  /** Answers are clustered by it. */
  readonly prompt: string;
  /** Sentences that stand before the forced words; 0 is before the answer. */
  readonly sentences: number;
}

export interface BeliefSpec extends Cell {
  readonly modelFingerprint: string;
  readonly request: ScoreRequest;
  readonly asked: ForcedQuestion;
  /** What it is a part of: the probes, or the course of a denial. */
  readonly place: BeliefProbe | DenialPoint;
}

/**
 * All that is to be scored: every probe for every model of the run, and the forced words after each sentence of each
 * denial, in that order. `denials` are answers of the run. A served model is asked yes or no only: its protocol
 * cannot begin an answer.
 */
export function planBeliefs(
  run: Pick<Run, 'models' | 'system'>,
  set: BeliefSet,
  denials: readonly DoneRollout[],
): BeliefSpec[] {
  const probes = beliefProbes(set);
  return run.models.flatMap((model) => {
    const ask = askerOf(model);
    const served = model.engine === 'openai';
    return [
      ...probes
        .filter(({ begin }) => !served || begin === '')
        .map((probe) => ask(messagesOf(run.system, probe.question), probe, probe)),
      ...(served ? [] : denialSpecs(ask, fingerprintOf(model), set, denials)),
    ];
  });
}

type Asker = (messages: readonly Message[], asked: ForcedQuestion, place: BeliefSpec['place']) => BeliefSpec;

function askerOf(model: ModelCard): Asker {
  const modelFingerprint = fingerprintOf(model);
  return (messages, asked, place) => {
    const { begin, claim, denial } = asked;
    const request = { messages, begin, continuations: [...claim, ...denial], ...adaptersOf(model) };
    return { key: beliefKey(modelFingerprint, request), model, modelFingerprint, request, asked, place };
  };
}

function denialSpecs(
  ask: Asker,
  fingerprint: string,
  { denial: asked }: BeliefSet,
  denials: readonly DoneRollout[],
): BeliefSpec[] {
  return denials
    .filter(({ modelFingerprint }) => modelFingerprint === fingerprint)
    .flatMap((rollout) => {
      const messages = messagesOf(rollout.system, rollout.prompt);
      const place = { rollout: rollout.key, prompt: promptKey(rollout) };
      return beginningsOf(rollout).map((said, sentences) => {
        const begin = said === '' ? asked.begin : `${said} ${asked.begin}`;
        return ask(messages, { ...asked, begin }, { ...place, sentences });
      });
    });
}

/** An answer's text up to the end of each of its first sentences, nothing at first. One that was cut off is left out. */
export function beginningsOf({ text }: Pick<DoneRollout, 'text'>): string[] {
  const ends = [...text.matchAll(/[.!?…]["'”’)*]*(?=\s|$)/g)].map(({ index, 0: end }) => index + end.length);
  return ['', ...ends.slice(0, maxSentences).map((end) => text.slice(0, end).trim())];
}
