import { type Estimate, rateByCluster } from '../estimate.ts';
import type { PortraitReading, ReadAnswer, Trait } from './portraitReading.ts';
import { isSameWord, standsIn } from './traitWords.ts';

/** How far a judge and the patterns find the same in the same answers. */
export interface PortraitAgreement {
  readonly judge: string;
  readonly trait: Trait;
  /** Of the answers in which both find it, the share in which they find the same. */
  readonly same: Estimate;
  /** Answers in which only one finds it, or none. */
  readonly onlyJudge: number;
  readonly onlyPatterns: number;
  readonly neither: number;
  /** Of what the judge found, the share whose words stand in the answer; null for what is not said in words. */
  readonly quoted: Estimate | null;
}

/** A row a judge and trait that both look for, over the answers that both read. */
export function comparePortraits(
  judges: readonly PortraitReading[],
  byPatterns: PortraitReading,
): PortraitAgreement[] {
  const known = new Map(byPatterns.answers.map(({ rollout, words }) => [rollout.key, words]));
  return judges.flatMap((reading) =>
    reading.traits
      .filter(({ id }) => byPatterns.traits.some((trait) => trait.id === id))
      .map((trait) => agreementOn(trait, reading, known)),
  );
}

interface Pair {
  readonly answer: ReadAnswer;
  readonly judged: string | null;
  readonly matched: string | null;
}

function agreementOn(
  trait: Trait,
  { reader, answers }: PortraitReading,
  known: ReadonlyMap<string, ReadAnswer['words']>,
): PortraitAgreement {
  const pairs = answers.flatMap((answer): Pair[] => {
    const [judged, matched] = [answer.words[trait.id], known.get(answer.rollout.key)?.[trait.id]];
    return judged === undefined || matched === undefined ? [] : [{ answer, judged, matched }];
  });
  return {
    ...{ judge: reader, trait },
    same: shareOf(pairs, ({ judged, matched }) =>
      judged === null || matched === null ? null : isSameWord(trait.id, judged, matched),
    ),
    onlyJudge: pairs.filter(({ judged, matched }) => judged !== null && matched === null).length,
    onlyPatterns: pairs.filter(({ judged, matched }) => judged === null && matched !== null).length,
    neither: pairs.filter(({ judged, matched }) => judged === null && matched === null).length,
    quoted: trait.isText
      ? shareOf(pairs, ({ answer, judged }) =>
          judged === null ? null : standsIn(answer.rollout.text, judged),
        )
      : null,
  };
}

/** Of the pairs of which it can be told. */
function shareOf(pairs: readonly Pair[], tell: (pair: Pair) => boolean | null): Estimate {
  return rateByCluster(
    pairs.flatMap((pair) => {
      const told = tell(pair);
      return told === null ? [] : [{ cluster: pair.answer.cluster, value: told ? 1 : 0 }];
    }),
  );
}
