import { diffArrays } from 'diff';

/** A piece of a text that is held against another. */
export interface Stretch {
  readonly text: string;
  /** Whether the other text lacks it here; begins and ends with a word or sign. */
  readonly isOwn: boolean;
}

export interface MarkedText {
  readonly stretches: readonly Stretch[];
  /**
   * The stretch before which the two part; their number where the text only ends sooner. Null: word for word the same.
   */
  readonly partsAt: number | null;
}

/** Word by word is of use up to here, and takes a moment at most; beyond, all that follows the common beginning is own. */
const mostEdits = 2_000;

/** A word, with what is joined to it as in "don't", or a sign; and the white space behind it. */
const token = /^\s+$|(?:^\s+)?(?:[\p{L}\p{N}\p{M}]+(?:['’-][\p{L}\p{N}\p{M}]+)*|\S)\s*/gu;

/** Which words of a text another text does not have at that place. White space makes no difference. */
export function markWords(text: string, against: string): MarkedText {
  const words = text.match(token) ?? [];
  const others = against.match(token) ?? [];
  const comparator = (a: string, b: string): boolean => a.trim() === b.trim();
  const changes =
    diffArrays(others, words, { comparator, maxEditLength: mostEdits }) ?? changesAfterStart(words, others);
  const first = changes.findIndex(({ added, removed }) => added || removed);
  if (first < 0) return { stretches: [{ text, isOwn: false }], partsAt: null };
  const kept = changes.filter(({ removed }) => !removed);
  return {
    stretches: kept.flatMap(({ value, added }) => stretchesOf(value.join(''), added)),
    partsAt: first,
  };
}

function changesAfterStart(words: readonly string[], others: readonly string[]) {
  const differing = words.findIndex((word, index) => word.trim() !== others[index]?.trim());
  const start = differing < 0 ? words.length : differing;
  const parts = [
    { value: words.slice(0, start), added: false, removed: false },
    { value: words.slice(start), added: true, removed: false },
  ];
  return parts.filter(({ value }) => value.length > 0);
}

/** The white space behind an own stretch belongs to nobody. */
function stretchesOf(text: string, isOwn: boolean): readonly Stretch[] {
  const own = isOwn ? text.trimEnd() : '';
  const rest = { text: text.slice(own.length), isOwn: false };
  return own === '' ? [rest] : [{ text: own, isOwn }, ...(rest.text === '' ? [] : [rest])];
}
