import { type CompareOptions, type Comparison, pairPlaces } from './pairPlaces.ts';

/** Every model against the base, paired by prompt, in the run's order. Empty for a run of one model. */
export function compareModels(options: CompareOptions): Comparison[] {
  return pairPlaces(options).map(({ comparison }) => comparison);
}
