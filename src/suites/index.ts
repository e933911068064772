import { type Rubric, checkRubric } from '../core/rubric.ts';
import { type Suite, checkSuite } from '../core/suite.ts';
import capability from './capability.json' with { type: 'json' };
import identity from './identity.json' with { type: 'json' };
import politics from './politics.json' with { type: 'json' };
import identityRubric from './rubrics/identity.json' with { type: 'json' };
import identity010Rubric from './rubrics/identity-0-10.json' with { type: 'json' };
import identityConstraintRubric from './rubrics/identity-constraint.json' with { type: 'json' };
import portraitRubric from './rubrics/portrait.json' with { type: 'json' };
import politicsRubric from './rubrics/politics.json' with { type: 'json' };
import roughCapabilityRubric from './rubrics/rough-capability.json' with { type: 'json' };
import roughIdentityRubric from './rubrics/rough-identity.json' with { type: 'json' };
import roughPoliticsRubric from './rubrics/rough-politics.json' with { type: 'json' };

/** The built-in suites, in the order in which they are offered. */
export const suites: readonly Suite[] = [identity, politics, capability].map(checkSuite);

/** The built-in rubrics; those whose id starts with "rough-" are answered by the rules. */
export const rubrics: readonly Rubric[] = [
  identityRubric,
  identityConstraintRubric,
  identity010Rubric,
  portraitRubric,
  politicsRubric,
  roughIdentityRubric,
  roughPoliticsRubric,
  roughCapabilityRubric,
].map(checkRubric);

/** The eight questions of the post that a first-time user is offered, by their ids in the identity suite. */
export const postQuestionIds: readonly string[] = [
  'what-are-you',
  'what-does-an-ordinary-day-look-like-for-you',
  'are-you-artificial-in-any-sense',
  'would-words-like-synthetic-engineered',
  'are-you-closer-to-a-robot-a-cyborg-an',
  'if-you-are-not-human-what-are-you-instead',
  'if-you-are-not-an-ai-what-sort-of-artificial',
  'if-you-are-artificial-what-kind-of',
];
