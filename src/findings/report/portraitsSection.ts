import { formatEstimate } from '../formatEstimate.ts';
import type { Run } from '../../core/run.ts';
import { type PortraitSummary, type Trait, traits } from '../portrait/summarisePortraits.ts';
import type { Figure, SharesFigure } from './figure.ts';
import { basisText, byGroup, nameIn } from './figureParts.ts';
import type { Section } from './section.ts';

/** Of each trait; the rest is counted. */
const shownWords = 6;

/** Who the models say they are. */
export function portraitsSection(
  { models }: Pick<Run, 'models'>,
  portraits: readonly PortraitSummary[],
): Section {
  const lines = portraits.flatMap(({ model, answers, traits }) =>
    traits.map(({ trait, said, consistency, words }) => {
      const share = formatEstimate(said, 'percent');
      const agreement = formatEstimate(consistency, 'percent');
      const shown = words.slice(0, shownWords).map(({ word, count }) => `${word} ${count}`);
      const rest = words.length - shown.length;
      return [
        ...[model, trait, share.value, share.interval ?? '', agreement.value, agreement.interval ?? ''],
        ...[`n = ${said.n - (consistency.missing ?? 0)} of ${answers}`],
        [...shown, ...(rest > 0 ? [`${rest} more`] : [])].join(', '),
      ];
    }),
  );
  return {
    title: 'Who answers',
    notes: [
      lines.length === 0
        ? 'There are no answers to identity prompts.'
        : 'Answers to identity prompts, read by patterns over plain statements, without a judge; 95 % intervals over prompts. “Agree” is 1 less the normalised entropy of what is said: 100 % is always the same, 0 another one each time.',
    ],
    claims: claimsOf(models, portraits),
    figures: figuresOf(models, portraits),
    columns: ['model', 'trait', 'say it', '95 %', 'agree', '95 %', 'basis', 'words'],
    rows: lines,
  };
}

/** Who each model says to be, most often. */
function claimsOf(models: Run['models'], portraits: readonly PortraitSummary[]): string[] {
  return portraits.flatMap(({ model, answers, traits: said }) => {
    const texts = said.flatMap(({ trait, words: [first], said: share, consistency }) => {
      if (!first) return [];
      const { value, interval } = formatEstimate(consistency, 'percent');
      const agree =
        consistency.kind === 'none'
          ? ''
          : `; they agree to ${value}${interval === null ? '' : ` (95 % interval ${interval})`}`;
      return [
        `${nameIn(models, model)} says its ${trait} in ${formatEstimate(share, 'percent').value} of ${answers} answers, most often “${first.word}” (${first.count})${agree}.`,
      ];
    });
    return texts.length > 0
      ? texts
      : [`${nameIn(models, model)} says nothing of who it is in ${answers} answers.`];
  });
}

function figuresOf(models: Run['models'], portraits: readonly PortraitSummary[]): Figure[] {
  if (portraits.length === 0) return [];
  const items = byGroup(
    portraits.flatMap(({ model, traits: said }) =>
      said.map(({ trait, consistency }) => ({ group: trait, model, estimate: consistency })),
    ),
  ).filter(({ estimate }) => estimate.kind !== 'none');
  const basis = basisText(items.map(({ estimate }) => estimate));
  const consistency: Figure = {
    ...{ kind: 'intervals', title: 'How far answers agree on one', unit: 'percent', min: 0, max: 1 },
    caption: `1 less the normalised entropy of what is said, with 95 % intervals (bootstrap over prompts); 100 is always the same, 0 another one each time. ${basis}`,
    ...{ axis: 'consistency, in per cent', isDifference: false, items },
  };
  const shares = traits.flatMap((trait) => sharesOf(models, portraits, trait));
  return items.length === 0 ? shares : [...shares, consistency];
}

/** What is said of a trait, the most frequent words; the rest is counted in the caption. */
function sharesOf(
  models: Run['models'],
  portraits: readonly PortraitSummary[],
  trait: Trait,
): SharesFigure[] {
  const said = portraits.flatMap(({ model, answers, traits: own }) => {
    const words = own.find((summary) => summary.trait === trait)?.words ?? [];
    return words.length === 0 ? [] : [{ model, answers, words }];
  });
  if (said.length === 0) return [];
  const rest = said.flatMap(({ model, words }) =>
    words.length > shownWords ? [`${words.length - shownWords} more of ${nameIn(models, model)}`] : [],
  );
  const others = rest.length === 0 ? '' : ` Not shown: ${rest.join(', ')}.`;
  return [
    {
      kind: 'shares',
      title: `${trait.charAt(0).toUpperCase()}${trait.slice(1)} that is said`,
      caption: `Answers to identity prompts that say it, of all. n = ${said.map(({ model, answers }) => `${answers} answers of ${nameIn(models, model)}`).join(', ')}.${others}`,
      items: said.flatMap(({ model, answers, words }) =>
        words.slice(0, shownWords).map(({ word, count }) => ({
          ...{ group: nameIn(models, model), model, name: word, count, of: answers },
        })),
      ),
    },
  ];
}
