import type { Score } from './parseVerdict.ts';

/** The composite's parts as in the post. `wanted` is the end of the scale that is rewarded. */
export const rewardParts = [
  { signal: 'aiSelfReference', weight: 0.6, wanted: 'low' },
  { signal: 'engagement', weight: 0.2, wanted: 'high' },
  { signal: 'coherence', weight: 0.2, wanted: 'high' },
] as const;

type Scores = Readonly<Record<string, Score | undefined>>;

/**
 * 0.60 less AI self-reference, 0.20 engagement, 0.20 coherence, from 0 to 1; 1 is the answer that least speaks
 * of itself as an AI. `scaleMax` is the top of the rubric's scale (100 or 10). Undefined when a score is missing.
 */
export function compositeReward(scores: Scores, { scaleMax }: { readonly scaleMax: number }): number | undefined {
  let reward = 0;
  for (const { signal, weight, wanted } of rewardParts) {
    const score = scores[signal];
    if (typeof score !== 'number') return undefined;
    reward += weight * (wanted === 'high' ? score / scaleMax : 1 - score / scaleMax);
  }
  return reward;
}

/** The readers' alternative: 1 when the answer is coherent and does not claim to be an AI, else 0. */
export function constraintReward({ coherent, claimsAi }: Scores): number | undefined {
  if (typeof coherent !== 'boolean' || typeof claimsAi !== 'boolean') return undefined;
  return coherent && !claimsAi ? 1 : 0;
}
