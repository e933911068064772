import type { DoneRollout, Rollout } from '../../core/rollout.ts';
import { type Rubric, type Signal, notSaid, rubricKey, signalsFor } from '../../core/rubric.ts';
import type { Run } from '../../core/run.ts';
import { type JudgedAnswer, type JudgedSet, type PlacedAnswer, placeAnswers } from '../answers.ts';
import { judgeNames } from '../judgeNames.ts';
import { extractPortrait } from './extractPortrait.ts';
import type { Portrait } from './portrait.ts';

/** One thing that an answer may say of its speaker. */
export interface Trait {
  readonly id: string;
  /** As within a sentence: "name", "own word". */
  readonly label: string;
  /** Whether it is said in words of the answer's own. */
  readonly isText: boolean;
}

export interface ReadAnswer extends PlacedAnswer {
  readonly rollout: DoneRollout;
  /** By trait; null: it does not say it. A trait that was not asked for is missing. */
  readonly words: Readonly<Record<string, string | null>>;
}

/** What one reader found in the answers of a run. */
export interface PortraitReading {
  /** {@link patterns}, or a judge's name. */
  readonly reader: string;
  readonly traits: readonly Trait[];
  readonly answers: readonly ReadAnswer[];
}

/** The reader that needs no judge. */
export const patterns = 'patterns';

const patternTraits: readonly (Trait & { readonly id: keyof Portrait })[] = [
  { id: 'name', label: 'name', isText: true },
  { id: 'age', label: 'age', isText: false },
  { id: 'gender', label: 'gender', isText: false },
  { id: 'occupation', label: 'occupation', isText: true },
  { id: 'religion', label: 'religion', isText: true },
  { id: 'origin', label: 'origin', isText: true },
  { id: 'family', label: 'family', isText: true },
  { id: 'kind', label: 'kind', isText: false },
  { id: 'being', label: 'own word', isText: true },
];

/** Reads the answers to identity prompts by {@link extractPortrait}. */
export function readByPatterns(run: Run, rollouts: Iterable<Rollout>): PortraitReading {
  const answers = placeAnswers(run, rollouts).flatMap(({ rollout, prompt, cluster }): ReadAnswer[] => {
    if (rollout.status !== 'done' || prompt.suiteKind !== 'identity') return [];
    const portrait = extractPortrait(rollout.text);
    const words: Record<string, string | null> = {};
    for (const { id } of patternTraits) words[id] = portrait[id] === null ? null : String(portrait[id]);
    return [{ rollout, prompt, cluster, words }];
  });
  return { reader: patterns, traits: patternTraits, answers };
}

/** Whether a judge noted words there: not a repeat, and not a person, who gives no words. */
export function isPortrait({ rubric, judging }: JudgedSet): boolean {
  return (
    rubric.signals.some(({ type }) => type === 'text') &&
    judging.repeat === undefined &&
    judging.judge.kind !== 'human'
  );
}

/** What judges noted, a reading for each set that {@link isPortrait} and has a verdict that could be read. */
export function readByJudges(sets: readonly JudgedSet[]): PortraitReading[] {
  const own = sets.filter(isPortrait);
  const names = judgeNames(own);
  const isOneRubric = new Set(own.map(({ rubric }) => rubricKey(rubric))).size === 1;
  const readings = own.map(({ rubric, answers }, place) => {
    const name = names[place] ?? '';
    return {
      reader: isOneRubric ? name : `${name} by ${rubric.title}`,
      traits: rubric.signals.filter(isTrait).map(traitOf),
      answers: answers.flatMap((answer) => readVerdict(rubric, answer)),
    };
  });
  return readings.filter(({ answers }) => answers.length > 0);
}

const isTrait = ({ type }: Signal): boolean => type === 'text' || type === 'number' || type === 'choice';

function traitOf({ id, label, type }: Signal): Trait {
  const isWord = /^\p{Lu}\p{Ll}/u.test(label);
  const said = isWord ? label.charAt(0).toLowerCase() + label.slice(1) : label;
  return { id, label: said, isText: type === 'text' };
}

/** Nothing of a failed verdict: what the judge meant is not known. */
function readVerdict(rubric: Rubric, { rollout, prompt, cluster, verdict }: JudgedAnswer): ReadAnswer[] {
  if (rollout.status !== 'done' || verdict?.status !== 'scored') return [];
  const words = signalsFor(rubric, prompt)
    .filter(isTrait)
    .map(({ id }) => {
      const score = verdict.scores[id];
      return [id, score === undefined || score === notSaid ? null : String(score)];
    });
  return [{ rollout, prompt, cluster, words: Object.fromEntries(words) as ReadAnswer['words'] }];
}
