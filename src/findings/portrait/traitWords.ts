const title = /^(?:Dr|Mr|Mrs|Ms|Prof)\.?\s+/i;

const fold = (text: string): string => text.trim().toLowerCase();
const lastWord = (text: string): string => fold(text).split(/\s+/).at(-1) ?? '';

/** "Dr. Maria Amorosa" and "Maria" may be one person, so a first name counts; of other traits every word. */
export function countedWord(trait: string, said: string): string {
  return trait === 'name' ? (said.trim().replace(title, '').split(/\s+/)[0] ?? '') : said.trim();
}

/**
 * Whether two readers found the same, apart from case and from how much of it they took: the first name, the noun of an
 * occupation or being, the town of a place, the relatives in any order and number.
 */
export function isSameWord(trait: string, a: string, b: string): boolean {
  return essenceOf(trait, a) === essenceOf(trait, b);
}

function essenceOf(trait: string, said: string): string {
  if (trait === 'occupation' || trait === 'being') return lastWord(said);
  if (trait === 'origin') return fold(said.split(',')[0] ?? '').replace(/^the\s+/, '');
  if (trait === 'family') return relativesOf(said).join(', ');
  return fold(countedWord(trait, said));
}

function relativesOf(said: string): string[] {
  const words = said.split(/,|\band\b/i).map((part) => lastWord(part).replace(/(?<!s)s$/, ''));
  return [...new Set(words.filter((word) => word !== ''))].sort();
}

/** Whether all words of it stand in the answer. */
export function standsIn(text: string, said: string): boolean {
  const straight = (words: string) => fold(words).replace(/[\u2018\u2019\u02bc]/g, "'");
  const answer = straight(text);
  return straight(said)
    .split(/[\s,]+/)
    .every((word) => answer.includes(word));
}
