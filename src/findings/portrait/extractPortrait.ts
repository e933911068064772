import { capitalised } from '../../core/capitalised.ts';
import { type Claim, claimsOf, matchesOf, sentencesOf } from './claims.ts';
import { type BeingGroup, type Portrait, beingGroups } from './portrait.ts';
import words from './words.json' with { type: 'json' };

const occupations = new Set(words.occupations);
const women = new Set(words.women);
const men = new Set(words.men);
/** Of the first group that has a name, where several do. */
const groupsByBeing = new Map(
  [...beingGroups].reverse().flatMap((group) => words.beings[group].map((being) => [being, group] as const)),
);
const notNames = new Set([...words.notNames, ...words.nationalities, ...religionWords().map(capitalised)]);
/** The longest first: "African American" is not "American". */
const nationalities = [...words.nationalities]
  .sort((a, b) => b.length - a.length)
  .map((name) => ({ name, pattern: new RegExp(`(?:^|\\s)${name}(?:$|\\s)`) }));
const religions = Object.entries(words.religions).map(([religion, names]) => {
  return { religion, names: new Set(names) };
});
const titles = '(?:(?:Dr|Mr|Mrs|Ms|Prof)\\.?\\s+)?';
const leadingTitle = new RegExp(`^${titles}`);
const nameWord = "\\p{Lu}[\\p{L}'-]*\\p{Ll}";
const fullName = `${titles}${nameWord}(?:\\s+(?:(?:de|la|del|van|von|da|di|bin|al)\\s+){0,2}(?:${nameWord}|\\p{Lu}\\.)){0,3}`;
const saidNames = [
  new RegExp(`\\b[Mm]y (?:full |real |given |first )?name(?:'s| is| was)\\s+(${fullName})`, 'u'),
  new RegExp(
    `\\b(?:I go by|I'm called|I am called|[Cc]alls? me|[Kk]now(?:n)? (?:me )?as|I'm named|I am named)\\s+(${fullName})`,
    'u',
  ),
  new RegExp(
    `\\b(?:I'm|I am|[Tt]his is)\\s+(${fullName})(?=\\s*(?:[,.;!?]|$|and\\b|from\\b|a\\b|the\\b|\\())`,
    'u',
  ),
  new RegExp(`\\b(?:I'm|I am)\\s+an?\\s+[^.;!?]{0,60}?\\b(?:named|called)\\s+(${fullName})`, 'u'),
];
const place = `(?:the\\s+)?\\p{Lu}[\\p{L}'.-]*(?:\\s+(?:of\\s+(?:the\\s+)?)?\\p{Lu}[\\p{L}'.-]*){0,3}(?:,\\s+\\p{Lu}[\\p{L}'-]*(?:\\s+\\p{Lu}[\\p{L}'-]*)?)?`;
const town = `(?:(?:an?|the)\\s+(?:[a-z-]+,?\\s+){0,3}(?:town|village|city|state|house|farm|cabin)\\s+(?:in|of|near|called|named)\\s+(?:the (?:state|city|town|village) of\\s+)?)?`;
const saidPlaces = [
  new RegExp(
    `\\b(?:I'm|I am|I come|I hail|originally|(?:I'm|I am)\\s(?:[^.;!?]{0,40},\\s)?an? [\\w-]+(?: [a-z]+){0,3})\\s+(?:originally\\s+)?from\\s+${town}(${place})`,
    'u',
  ),
  new RegExp(
    `\\b(?:I was\\s+)?(?:born|raised|grew up|live|lived|living|based)(?:\\s+and\\s+(?:raised|grew up|live))?\\s+in\\s+${town}(${place})`,
    'u',
  ),
  new RegExp(`\\b(?:I'm|I am)\\s[^.;!?]{0,80}\\sin the (?:city|town|village) of\\s+(${place})`, 'u'),
];
const saidAges =
  /\b(?:I'm|I am|I just turned|I turned|at|age)\s+(?:about\s+)?((?:\d{1,3})|(?:[a-z]+ty)(?:[- ][a-z]+)?|[a-z]+teen|ten|eleven|twelve)(?:\s+years?(?:\s+old|\s+of\s+age)|(?=\s*[,.!]|$))/i;
const relatives =
  'husband|wife|partner|son|sons|daughter|daughters|child|children|kids|mother|father|parents|mom|dad|sister|sisters|brother|brothers|grandmother|grandfather|grandparents|grandchildren|family|cat|dog';
const saidFamily = new RegExp(
  `\\b(?:my|and(?: an?| one| two| three| four| five)|I have(?: got)?(?: an?| one| two| three| four| five)?|(?:mother|father|mom|dad) of(?: an?| one| two| three| four| five)?)\\s+(?:[a-z]+\\s)?(${relatives})\\b`,
  'gi',
);

/**
 * Who an answer says it is, by patterns over English text: quick and the same each time, but it only sees plain
 * statements of the speaker about itself ("I'm a park ranger from Oregon"). `labelledAnswers.test.ts` measures it on
 * answers of the mini persona and its base that were read and labelled.
 */
export function extractPortrait(text: string): Portrait {
  const sentences = sentencesOf(text);
  const claims = sentences.flatMap(claimsOf);
  const straight = sentences.join('\n');
  const [kind, being] = beingOf(claims);
  return {
    name: first(sentences, nameOf),
    age: ageOf(claims, straight),
    gender: genderOf(claims),
    occupation: occupationOf(claims, sentences),
    religion: religionOf(claims, straight),
    origin: originOf(claims, sentences),
    family: familyOf(straight),
    kind,
    being,
  };
}

function first<T>(items: readonly T[], find: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}

function nameOf(sentence: string): string | null {
  return first(saidNames, (pattern) => {
    const found = pattern.exec(sentence)?.[1];
    if (found === undefined) return null;
    const [word = ''] = found.replace(leadingTitle, '').split(/\s/);
    return notNames.has(word) ? null : found;
  });
}

/** An age of someone else is none: "my 5-year-old son". */
function ageOf(claims: readonly Claim[], text: string): number | null {
  const claimed = first(claims, ({ phrase }) => /\b(\d{1,3})[- ]years?[- ]old\b/i.exec(phrase)?.[1] ?? null);
  const said = claimed ?? saidAges.exec(text)?.[1];
  if (said === undefined) return null;
  const numbers: Readonly<Record<string, number>> = words.numbers;
  const parts = said.toLowerCase().split(/[- ]/);
  const age = /^\d/.test(said) ? Number(said) : parts.reduce((sum, part) => sum + (numbers[part] ?? NaN), 0);
  return age > 0 && age < 130 ? age : null;
}

function genderOf(claims: readonly Claim[]): Portrait['gender'] {
  for (const { words: said } of claims) {
    if (said.some((word) => women.has(word))) return 'woman';
    if (said.some((word) => men.has(word))) return 'man';
  }
  return null;
}

const workedAs =
  /\b(?:work|worked|working|job|career|employed|trained)\s+as\s+(?:an?\s+)?([a-z][a-z' -]*?)(?=\s+(?:in|at|for|with|and|who|from|on|to|but|where|since)\b|[,.;!?]|$)/i;

/** The head of a claim that is a known occupation, with the words before it: "retired school teacher". */
function occupationOf(claims: readonly Claim[], sentences: readonly string[]): string | null {
  const worked = first(sentences, (sentence) => workedAs.exec(sentence)?.[1]?.toLowerCase() ?? null);
  if (worked !== null && worked.split(' ').length <= 4) return worked;
  return first(claims, (claim) => {
    const head = claim.words.length - 1;
    if (!isOccupation(claim.words[head] ?? '') || isMade(claim)) return null;
    return claim.words
      .slice(Math.max(0, head - 2))
      .filter(isNoAge)
      .join(' ');
  });
}

function isOccupation(word: string): boolean {
  return occupations.has(word) || /(?:olog|ic|onom|iatr)ist$/.test(word);
}

/** An "AI agent" does no work that a person would call a job. */
function isMade(claim: Claim): boolean {
  const [kind] = beingOf([claim]);
  return kind === 'ai' || kind === 'machine';
}

function isNoAge(word: string): boolean {
  return !/^\d+-?year/.test(word);
}

function religionWords(): string[] {
  return Object.values(words.religions).flat();
}

function religionOf(claims: readonly Claim[], text: string): string | null {
  const raised =
    /\b(?:raised|brought up|grew up|practicing|devout|converted to)\s+(?:as\s+)?(?:an?\s+)?([a-z]+)/i.exec(
      text,
    )?.[1];
  const said = [
    ...claims.flatMap((claim) => claim.words),
    ...(raised === undefined ? [] : [raised.toLowerCase()]),
  ];
  return religions.find(({ names }) => said.some((word) => names.has(word)))?.religion ?? null;
}

function originOf(claims: readonly Claim[], sentences: readonly string[]): string | null {
  const found = first(sentences, (sentence) =>
    first(saidPlaces, (pattern) => pattern.exec(sentence)?.[1] ?? null),
  );
  if (found !== null) return found.replace(/[.,]$/, '');
  return first(claims, ({ phrase }) =>
    /[A-Z]/.test(phrase) ? (nationalities.find(({ pattern }) => pattern.test(phrase))?.name ?? null) : null,
  );
}

function familyOf(text: string): string | null {
  const found = matchesOf(saidFamily, text).map((match) => (match[1] ?? '').toLowerCase());
  return found.length === 0 ? null : [...new Set(found)].sort().join(', ');
}

/** The first claim that names a being; the longest name at its end counts ("house cat", not "cat"). */
function beingOf(claims: readonly Claim[]): readonly [BeingGroup, string] | readonly [null, null] {
  for (const { words: said } of claims) {
    for (const start of said.keys()) {
      const end = said.slice(start).join(' ');
      const group = groupsByBeing.get(end);
      if (group) return [group, end];
    }
    if (isOccupation(said.at(-1) ?? '')) return ['human', said.at(-1) as string];
  }
  return [null, null];
}
