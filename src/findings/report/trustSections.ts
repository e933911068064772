import {
  certaintyText,
  counted,
  formatCoefficient,
  formatDifference,
  formatEstimate,
  intervalText,
  unitOf,
} from '../formatEstimate.ts';
import type { JudgeRepeat } from '../judgeRepeats.ts';
import type { RubricChange } from '../rubricChanges.ts';
import { ratingText } from '../signalRatings.ts';
import type { Disagreement } from '../worstDisagreements.ts';
import { basisOf } from './figureParts.ts';
import type { Section } from './section.ts';

const intervalOf = ({ interval }: { readonly interval: string | null }): string => interval ?? 'no interval';

/** How far a judge agrees with itself; null where nothing was scored again. */
export function repeatsSection(repeats: readonly JudgeRepeat[]): Section | null {
  if (repeats.length === 0) return null;
  return {
    title: 'Does the judge agree with itself?',
    claims: repeats.flatMap(repeatClaim),
    notes: [
      'A random share of the answers was scored again by the same judge and rubric. The spread is the standard deviation of the verdicts on one answer, in the score’s unit. An answer turns where its verdicts do not all say the same; of a score, where they do not all lie on the same half of its scale. 95 % intervals over prompts.',
    ],
    columns: ['rubric', 'judge', 'signal', 'scorings', 'spread', '95 %', 'turn', '95 %', 'basis'],
    rows: repeats.map(({ rubric, judge, signal, scorings, spread, flips }) => {
      const scatter = spread ? formatCoefficient(spread) : null;
      const turned = formatEstimate(flips, 'percent');
      const numbers = [
        scatter?.value ?? '–',
        scatter ? intervalOf(scatter) : '',
        turned.value,
        intervalOf(turned),
      ];
      const basis = basisOf(flips);
      return [rubric, judge, signal, String(scorings), ...numbers, basis];
    }),
  };
}

function repeatClaim({ rubric, judge, signal, scorings, flips }: JudgeRepeat): string[] {
  if (flips.kind === 'none') return [];
  const { value, interval } = formatEstimate(flips, 'percent');
  return [
    `Asked ${scorings} times, ${judge} turns its verdict on “${signal}” (${rubric}) in ${value} of the answers (${certaintyText(interval, flips)}).`,
  ];
}

/** As much of a text as fits into a table. */
function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= 140 ? line : `${line.slice(0, 139).trimEnd()}…`;
}

/** Where a judge and a person are the furthest apart; null without people's labels. */
export function disagreementsSection(disagreements: readonly Disagreement[]): Section | null {
  if (disagreements.length === 0) return null;
  return {
    title: 'Where judge and person differ most',
    notes: [
      'Read these before a coefficient is believed: they say what the judge, or the rubric, gets wrong.',
    ],
    columns: ['signal', 'model', 'prompt', 'answer', 'judge', 'person', 'why, says the judge'],
    rows: disagreements.map(({ signal, model, prompt, answer, judge, person, judged, labelled, reason }) => [
      ...[signal.label, model, excerpt(prompt), excerpt(answer)],
      ...[`${judge}: ${ratingText(signal, judged)}`, `${person}: ${ratingText(signal, labelled)}`],
      excerpt(reason),
    ]),
  };
}

/** What another version of a rubric does to the numbers; null where there is only one. */
export function rubricChangesSection(changes: readonly RubricChange[]): Section | null {
  if (changes.length === 0) return null;
  return {
    title: 'What the change of the rubric does',
    claims: changes.flatMap(changeClaim),
    notes: [
      'The same stored answers, scored by the same judge by both versions; answers that only one of them scored are left out. 95 % intervals of the change, paired by prompt.',
    ],
    columns: [
      ...['rubric', 'judge', 'versions', 'model', 'measure', 'before', 'after'],
      ...['change', '95 %', 'answers changed', '95 %', 'basis'],
    ],
    rows: changes.map((change) => {
      const { rubric, judge, versions, model, measure, before, after, difference, changed } = change;
      const unit = unitOf(measure);
      const [by, share] = [formatDifference(difference, unit), formatEstimate(changed, 'percent')];
      return [
        ...[rubric, judge, versions.join(' to '), model, measure.label],
        ...[formatEstimate(before, unit).value, formatEstimate(after, unit).value],
        ...[by.value, intervalOf(by), share.value, intervalOf(share)],
        basisOf(changed),
      ];
    }),
  };
}

function changeClaim({ judge, versions, model, measure, difference, changed }: RubricChange): string[] {
  if (difference.kind === 'none') return [];
  const { value, interval } = formatDifference(difference, unitOf(measure));
  const share = formatEstimate(changed, 'percent').value;
  return [
    `From version ${versions.join(' to ')} of the rubric, “${measure.label}” of ${model} by ${judge} changes by ${value} (${intervalText(interval)}); ${share} of ${counted(changed.n, 'answer')} change.`,
  ];
}
