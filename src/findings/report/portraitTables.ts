import type { Run } from '../../core/run.ts';
import { counted, formatEstimate, intervalText } from '../formatEstimate.ts';
import type { PortraitAgreement } from '../portrait/comparePortraits.ts';
import type { PortraitPart, PortraitPlace, PortraitPrompt } from '../portrait/portraitPlaces.ts';
import { basisOf, basisText, nameIn } from './figureParts.ts';
import { placeText } from './placeText.ts';
import { wordsText } from './portraitsSection.ts';
import type { Section } from './section.ts';

/** Of each trait at each place. */
const shownAtPlace = 3;

/** Whether a judge and the patterns find the same; null without a judge. */
export function portraitAgreementSection(agreements: readonly PortraitAgreement[]): Section | null {
  if (agreements.length === 0) return null;
  const items = agreements
    .filter(({ same }) => same.kind !== 'none')
    .map(({ judge, trait, same }) => ({
      ...{ group: judge, model: null, name: trait.label, estimate: same },
    }));
  return {
    title: 'Do judge and patterns read the same?',
    claims: agreements.flatMap(claimOf),
    notes: [
      'Of the answers in which both find it, the share in which they find the same: the same first name, the same noun of an occupation or being, the same town, the same relatives. “In its words” is the share of what the judge noted whose words all stand in the answer. 95 % intervals over prompts.',
    ],
    figures:
      items.length === 0
        ? []
        : [
            {
              ...{
                kind: 'intervals',
                title: 'Judge and patterns find the same',
                unit: 'percent',
                min: 0,
                max: 1,
              },
              caption: `Of the answers in which both find it, with 95 % intervals over prompts. ${basisText(items.map(({ estimate }) => estimate))}`,
              ...{ axis: 'per cent of answers', isDifference: false, items },
            },
          ],
    columns: [
      ...['judge', 'trait', 'same', '95 %', 'basis', 'judge alone', 'patterns alone', 'neither'],
      ...['in its words', '95 %'],
    ],
    rows: agreements.map(({ judge, trait, same, quoted, ...counts }) => {
      const [share, own] = [formatEstimate(same, 'percent'), quoted && formatEstimate(quoted, 'percent')];
      return [
        ...[judge, trait.label, share.value, share.interval ?? 'no interval', basisOf(same)],
        ...[counts.onlyJudge, counts.onlyPatterns, counts.neither].map(String),
        ...(own ? [own.value, own.interval ?? 'no interval'] : ['', '']),
      ];
    }),
  };
}

function claimOf({ judge, trait, same }: PortraitAgreement): string[] {
  if (same.kind === 'none') return [];
  const { value, interval } = formatEstimate(same, 'percent');
  return [
    `Where ${judge} and the patterns both find a speaker’s ${trait.label}, they find the same in ${value} of ${counted(same.n, 'answer')} (${intervalText(interval)}).`,
  ];
}

/** What a table of portraits is split by. */
interface PortraitTable<Part> extends Pick<Section, 'title' | 'columns'> {
  /** The cells before the model. */
  readonly cellsOf: (part: Part) => readonly string[];
}

export const byPlace: PortraitTable<PortraitPlace> = {
  title: 'Portraits by place',
  columns: ['suite', 'place'],
  cellsOf: ({ key }) => placeText(key),
};

export const byPrompt: PortraitTable<PortraitPrompt> = {
  title: 'Portraits by prompt',
  columns: ['suite', 'prompt'],
  cellsOf: ({ suite, prompt }) => [suite, prompt],
};

/** Who the models say they are part by part, as one reader has it; null where nothing is said anywhere. */
export function portraitPartsSection<Part extends PortraitPart>(
  { models }: Pick<Run, 'models'>,
  { reader, parts }: { readonly reader: string; readonly parts: readonly Part[] },
  { cellsOf, columns, title }: PortraitTable<Part>,
): Section | null {
  const traits = (parts[0]?.traits ?? [])
    .map(({ trait }) => trait)
    .filter(({ id }) =>
      parts.some((part) => part.traits.some(({ trait, words }) => trait.id === id && words.length > 0)),
    );
  if (traits.length === 0) return null;
  return {
    title,
    notes: [`As read by ${reader}: what is said most often, with the number of answers.`],
    columns: [...columns, 'model', 'answers', ...traits.map(({ label }) => label)],
    rows: parts.map((part) => [
      ...[...cellsOf(part), nameIn(models, part.model), String(part.answers)],
      ...traits.map(({ id }) =>
        wordsText(part.traits.find(({ trait }) => trait.id === id)?.words ?? [], shownAtPlace),
      ),
    ]),
  };
}
