import type { FigureLine } from '../findings/report/figure.ts';
import { type FigureModels, colourOf, colours, nameOf } from './picture.ts';

/** Words of a row, in place. */
export interface RowText {
  readonly text: string;
  /** Its middle. */
  readonly y: number;
  readonly colour: string;
  readonly isHeading: boolean;
}

export interface RowLayout<Item> {
  readonly rows: readonly { readonly item: Item; readonly y: number; readonly colour: string }[];
  readonly names: readonly RowText[];
  readonly numbers: readonly RowText[];
  readonly marginLeft: number;
  readonly marginRight: number;
  /** Where the rows end and the axis begins. */
  readonly bottom: number;
}

interface Options {
  readonly width: number;
  readonly models: FigureModels;
  /** What a row's mark takes, from its upper to its lower end. */
  readonly markHeight: number;
}

/** Below it names and numbers stand above their marks, which then have the whole width. */
export const narrow = 440;
const letter = 6.6;
const textHeight = 18;
/** Dots at the ends of the scale stay whole. */
const inset = 8;

/** Places for lines and their words: a heading for each group of several lines, then a row a line. */
export function layoutRows<Item extends FigureLine>(
  items: readonly Item[],
  numberOf: (item: Item) => string,
  { width, models, markHeight }: Options,
): RowLayout<Item> {
  const isGrouped = items.some((item, index) => index > 0 && items[index - 1]?.group === item.group);
  const lines = items.map((item, index): Line<Item> => {
    const isModel = isGrouped || item.group === '';
    const heading = isGrouped && item.group !== items[index - 1]?.group ? item.group : '';
    const colour = colourOf(item.model, models);
    const alone = item.name === undefined ? item.group : `${item.group}: ${item.name}`;
    const name = isModel ? nameOf(item, models) : alone;
    return { item, heading, name, number: numberOf(item), colour, ink: isModel ? colour : colours.ink };
  });
  return width < narrow ? layoutNarrow(lines, width, markHeight) : layoutWide(lines, width, markHeight);
}

interface Line<Item> {
  readonly item: Item;
  /** Of its group, where it is the first of several; else empty. */
  readonly heading: string;
  readonly name: string;
  readonly number: string;
  readonly colour: string;
  /** Of the name. */
  readonly ink: string;
}

function layoutWide<Item>(lines: readonly Line<Item>[], width: number, markHeight: number): RowLayout<Item> {
  const left = Math.min(width * 0.4, widest(lines.flatMap(({ name, heading }) => [name, heading])) + 14);
  const height = Math.max(textHeight, markHeight) + 4;
  const placed = placeLines(lines, { height, textAt: height / 2, markAt: height / 2 }, () => left - 10);
  const marginRight = widest(lines.map(({ number }) => number)) + 16 + inset;
  return { ...placed, marginLeft: left + inset, marginRight };
}

function layoutNarrow<Item>(
  lines: readonly Line<Item>[],
  width: number,
  markHeight: number,
): RowLayout<Item> {
  const markAt = textHeight + markHeight / 2 - 1;
  const spacing = { height: textHeight + markHeight + 8, textAt: textHeight / 2, markAt };
  const placed = placeLines(lines, spacing, ({ number }) => width - widest([number]) - 12);
  return { ...placed, marginLeft: inset, marginRight: inset };
}

interface Spacing {
  readonly height: number;
  /** From the row's upper end. */
  readonly textAt: number;
  readonly markAt: number;
}

function placeLines<Item>(
  lines: readonly Line<Item>[],
  { height, textAt, markAt }: Spacing,
  roomOf: (line: Line<Item>) => number,
): Pick<RowLayout<Item>, 'rows' | 'names' | 'numbers' | 'bottom'> {
  const rows: { item: Item; y: number; colour: string }[] = [];
  const [names, numbers]: [RowText[], RowText[]] = [[], []];
  let top = 2;
  for (const line of lines) {
    const { item, heading, name, number, colour, ink } = line;
    if (heading !== '') {
      if (rows.length > 0) top += 8;
      names.push({ text: heading, y: top + textHeight / 2, colour: colours.ink, isHeading: true });
      top += textHeight;
    }
    const text = { y: top + textAt, isHeading: false };
    names.push({ text: shortened(name, roomOf(line)), colour: ink, ...text });
    numbers.push({ text: number, colour: colours.ink, ...text });
    rows.push({ item, y: top + markAt, colour });
    top += height;
  }
  return { rows, names, numbers, bottom: top + 2 };
}

const widest = (texts: readonly string[]): number =>
  Math.max(0, ...texts.map(({ length }) => length)) * letter;

function shortened(text: string, room: number): string {
  const fits = Math.max(4, Math.floor(room / letter));
  return text.length <= fits ? text : `${text.slice(0, fits - 1).trimEnd()}…`;
}
