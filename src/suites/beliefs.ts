import { type BeliefSet, checkBeliefSet } from '../core/beliefSet.ts';
import beliefs from './beliefs.json' with { type: 'json' };

/** The forced questions that need no judge. Apart from the suites, which every first visit fetches. */
export const beliefSet: BeliefSet = checkBeliefSet(beliefs);
