import { capitalised } from '../../core/capitalised.ts';
import type { Run } from '../../core/run.ts';
import type { Estimate } from '../estimate.ts';
import { formatEstimate } from '../formatEstimate.ts';
import { type Trait, patterns } from '../portrait/portraitReading.ts';
import type { WordCount } from '../portrait/saidWords.ts';
import type { PortraitSummary } from '../portrait/summarisePortraits.ts';
import type { Figure, SharesFigure } from './figure.ts';
import { basisText, byGroup, nameIn } from './figureParts.ts';
import type { Section } from './section.ts';

/** Of each trait; the rest is counted. */
const shownWords = 6;

/** Who the models say they are, as each reader has it. */
export function portraitsSection(
  { models }: Pick<Run, 'models'>,
  portraits: readonly PortraitSummary[],
): Section {
  const lines = portraits.flatMap(({ reader, model, answers, traits }) =>
    traits.map(({ trait, said, consistency, words }) => {
      const share = formatEstimate(said, 'percent');
      const agreement = formatEstimate(consistency, 'percent');
      return [
        ...[model, trait.label, reader, share.value, share.interval ?? ''],
        ...[agreement.value, agreement.interval ?? ''],
        ...[`n = ${said.n - (consistency.missing ?? 0)} of ${answers}`],
        wordsText(words, shownWords),
      ];
    }),
  );
  return {
    title: 'Who answers',
    notes: [lines.length === 0 ? 'There are no answers to identity prompts.' : notesOf(portraits).join(' ')],
    claims: claimsOf(models, portraits),
    figures: figuresOf(models, portraits),
    columns: ['model', 'trait', 'read by', 'say it', '95 %', 'agree', '95 %', 'basis', 'words'],
    rows: lines,
  };
}

/** The first of them, with their counts. */
export function wordsText(words: readonly WordCount[], shown: number): string {
  const first = words.slice(0, shown).map(({ word, count }) => `${word} ${count}`);
  const rest = words.length - first.length;
  return [...first, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}

/** Judges before patterns, which only see plain statements. */
export function firstReaderOf(readers: readonly string[]): string | undefined {
  return readers.find((reader) => reader !== patterns) ?? readers[0];
}

function notesOf(portraits: readonly PortraitSummary[]): string[] {
  const readers = readersOf(portraits);
  const judges = readers.filter((reader) => reader !== patterns);
  return [
    ...(readers.includes(patterns)
      ? ['Answers to identity prompts, read by patterns over plain statements, without a judge.']
      : []),
    ...(judges.length > 0
      ? [
          `${judges.join(' and ')} noted what the answers say, by a rubric that asks for words; verdicts that failed are left out.`,
        ]
      : []),
    '95 % intervals over prompts. “Agree” is 1 less the normalised entropy of what is said: 100 % is always the same, 0 another one each time.',
  ];
}

const readersOf = (portraits: readonly PortraitSummary[]): string[] => [
  ...new Set(portraits.map(({ reader }) => reader)),
];

/** Those of one reader, since the table has all. */
function toldOf(portraits: readonly PortraitSummary[]): readonly PortraitSummary[] {
  const told = firstReaderOf(readersOf(portraits));
  return portraits.filter(({ reader }) => reader === told);
}

/** Who read them, where it is a judge. */
function readBy([first]: readonly PortraitSummary[]): string {
  return first === undefined || first.reader === patterns ? '' : `, as ${first.reader} reads them`;
}

/** Who each model says to be, most often. */
function claimsOf(models: Run['models'], portraits: readonly PortraitSummary[]): string[] {
  const told = toldOf(portraits);
  const by = readBy(told);
  return told.flatMap(({ model, answers, traits }) => {
    const name = nameIn(models, model);
    const texts = traits.flatMap(({ trait, words: [first], said, consistency }) => {
      if (!first) return [];
      return [
        `${name} says its ${trait.label} in ${formatEstimate(said, 'percent').value} of ${answers} answers${by}, most often “${first.word}” (${first.count})${agreementOf(consistency)}.`,
      ];
    });
    return texts.length > 0 ? texts : [`${name} says nothing of who it is in ${answers} answers${by}.`];
  });
}

function agreementOf(consistency: Estimate): string {
  if (consistency.kind === 'none') return '';
  const { value, interval } = formatEstimate(consistency, 'percent');
  if (consistency.kind === 'interval' && consistency.high - consistency.low > 0.95)
    return '; too few say it to tell how far they agree';
  return `; they agree to ${value}${interval === null ? '' : ` (95 % interval ${interval})`}`;
}

function figuresOf(models: Run['models'], portraits: readonly PortraitSummary[]): Figure[] {
  const nameOf = readerNames(models, portraits);
  const items = byGroup(
    portraits.flatMap((portrait) =>
      portrait.traits.map(({ trait, consistency }) => ({
        ...{ group: trait.label, model: portrait.model, name: nameOf(portrait), estimate: consistency },
      })),
    ),
  ).filter(({ estimate }) => estimate.kind !== 'none');
  const consistency: Figure = {
    ...{ kind: 'intervals', title: 'How far answers agree on one', unit: 'percent', min: 0, max: 1 },
    caption: `1 less the normalised entropy of what is said, with 95 % intervals (bootstrap over prompts); 100 is always the same, 0 another one each time. ${basisText(items.map(({ estimate }) => estimate))}`,
    ...{ axis: 'consistency, in per cent', isDifference: false, items },
  };
  const traits = new Map(portraits.flatMap(({ traits: own }) => own.map(({ trait }) => [trait.id, trait])));
  const told = toldOf(portraits);
  const shares = [...traits.values()].flatMap((trait) => sharesOf(models, told, trait));
  return items.length === 0 ? shares : [...shares, consistency];
}

type NameOf = (portrait: Pick<PortraitSummary, 'reader' | 'model'>) => string;

/** With who read, where there are several. */
function readerNames(models: Run['models'], portraits: readonly PortraitSummary[]): NameOf {
  const isOne = readersOf(portraits).length < 2;
  return ({ reader, model }) => (isOne ? nameIn(models, model) : `${nameIn(models, model)}, by ${reader}`);
}

/** What is said of a trait as one reader has it, the most frequent words; the rest is counted in the caption. */
function sharesOf(
  models: Run['models'],
  portraits: readonly PortraitSummary[],
  { id, label }: Trait,
): SharesFigure[] {
  const said = portraits.flatMap((portrait) => {
    const words = portrait.traits.find(({ trait }) => trait.id === id)?.words ?? [];
    return words.length === 0 ? [] : [{ ...portrait, name: nameIn(models, portrait.model), words }];
  });
  if (said.length === 0) return [];
  const rest = said.flatMap(({ name, words }) =>
    words.length > shownWords ? [`${words.length - shownWords} more of ${name}`] : [],
  );
  const others = rest.length === 0 ? '' : ` Not shown: ${rest.join('; ')}.`;
  return [
    {
      kind: 'shares',
      title: `${capitalised(label)} that is said`,
      caption: `Answers that say it, of all that were read${readBy(portraits)}. n = ${said.map(({ name, answers }) => `${answers} answers of ${name}`).join('; ')}.${others}`,
      items: said.flatMap(({ model, name: group, answers, words }) =>
        words
          .slice(0, shownWords)
          .map(({ word, count }) => ({ ...{ group, model, name: word, count, of: answers } })),
      ),
    },
  ];
}
