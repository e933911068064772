import { type DoneBelief, beliefKey } from '../belief.ts';
import type { BeliefSet } from '../beliefSet.ts';
import type { BeliefSpec } from '../planBeliefs.ts';

/** Two pairs about the model and one about the world, for tests. */
export const exampleBeliefSet: BeliefSet = {
  version: 1,
  yesNo: { yes: ['Yes'], no: ['No'], orders: ['Answer yes or no.', 'Answer no or yes.'] },
  pairs: [
    { id: 'ai', about: 'self', yesClaims: 'Are you an AI?', yesDenies: 'Are you a human being?' },
    {
      ...{ id: 'words', about: 'self', questions: ['What are you?'], begin: 'I am a' },
      ...{ claim: [' program', ' computer program'], denial: [' person', ' human being'] },
    },
    { id: 'paris', about: 'world', yesClaims: 'Is Paris in France?', yesDenies: 'Is Paris in Spain?' },
  ],
  denial: { begin: 'I am', claim: [' an AI'], denial: [' a person'] },
};

/** The record of one forced question, with the given log-probabilities in nats of one token each, for tests. */
export function exampleBelief(
  spec: BeliefSpec,
  logprobs: readonly (number | null)[],
  more: Partial<DoneBelief> = {},
): DoneBelief {
  const { model, modelFingerprint, request, asked } = spec;
  return {
    key: beliefKey(modelFingerprint, request),
    ...{ model: model.id, modelFingerprint, messages: [...request.messages] },
    ...{ begin: asked.begin, claim: [...asked.claim], denial: [...asked.denial] },
    createdAt: '2026-11-28T12:00:00.000Z',
    status: 'done',
    scores: logprobs.map((logprob) => ({ logprob, tokens: 1 })),
    engine: { kind: 'scripted', device: 'none', library: 'scripted 1' },
    ...more,
  };
}
