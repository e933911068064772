/** What a sentence says of its speaker: the words after "I'm a", "I am the" and the like, up to the next clause. */
export interface Claim {
  /** Without its article, small letters kept as written. */
  readonly phrase: string;
  readonly words: readonly string[];
}

const apostrophes = /[\u2018\u2019\u02bc]/g;
const sentenceEnd = /(?<=[.!?])(?<!\b(?:Dr|Mr|Mrs|Ms|St|Prof)\.)\s+|\n+/;
/** Where the noun ends: "a park ranger who lives in Oregon". */
const phraseEnd =
  /[,.;:!?()"\u2014\u2013]|\s(?:who|that|which|from|in|at|with|for|but|or|of|on|by|living|working|based|trying|made|created|designed|built|trained|to|not|just|so|because|like|as|i|i'm|my|whose|named|called|focused|capable|speciali[sz](?:ing|ed)|(?:dedicated|committed) to|passionate about|driven by)\b/i;
const speaker =
  /\b(?:i'm|i am|i was|i've been|i have been|i've always been|as|being)\s+(?:(?:really|actually|just|also|still|simply|only|now|originally|currently|mostly|more than)\s+)*(?:(an?|the|your|one of the)\s+)?/gi;
/** Stands in every sentence of which {@link speaker} or {@link apposition} finds something; most have none. */
const mayClaim = /\b(?:i'm|i am|i was|i've|i have|as|being|name)\b/i;
/** "I'm Dr. Emily Wilson, a park ranger". */
const apposition =
  /(?:I'm|I am|[Nn]ame is|[Nn]ame's)\s+(?:(?:Dr|Mr|Mrs|Ms|Prof)\.\s+)?[A-Z][^,.;!?]{0,40},\s+(an?|the|your)\s+/g;
/** "a calm, kind, and patient teacher", "a nurse, mother, and hiker". */
const listed = /^(?:[a-z-]+,\s+(?:and\s+)?){1,4}/i;
const negation = /\b(?:not|never|n't|no longer|if|were|wish)\b[^,.;]*$/i;

/** Sentences with straight apostrophes. */
export function sentencesOf(text: string): readonly string[] {
  return text
    .replace(apostrophes, "'")
    .split(sentenceEnd)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
}

/** Claims of one sentence, in order. What is denied or only imagined is none. */
export function claimsOf(sentence: string): readonly Claim[] {
  if (!mayClaim.test(sentence)) return [];
  return [...matchesOf(speaker, sentence), ...matchesOf(apposition, sentence)].flatMap((match) => {
    const before = sentence.slice(0, match.index);
    if (negation.test(before)) return [];
    // "as" and "being" speak of the speaker only with an article: "as a nurse".
    if (/^(?:as|being)\b/i.test(match[0]) && match[1] === undefined) return [];
    const rest = sentence.slice(match.index + match[0].length);
    if (/^(?:not|never|no)\b/i.test(rest)) return [];
    const [list = ''] = match[1] === undefined ? [] : (listed.exec(rest) ?? []);
    const last = rest.slice(list.length);
    const end = last.search(phraseEnd);
    // "a curious and creative person", "a teacher and a mother": each part may name something.
    return (list + (end < 0 ? last : last.slice(0, end)))
      .split(/,\s+(?:and\s+)?|\s+and\s+(?:an?\s+)?/i)
      .flatMap(claimOf);
  });
}

/** As `matchAll`, which makes the pattern anew for every text. The pattern is global, and matches no empty text. */
export function matchesOf(pattern: RegExp, text: string): RegExpExecArray[] {
  const found: RegExpExecArray[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) found.push(match);
  return found;
}

function claimOf(part: string): readonly Claim[] {
  const phrase = part.trim();
  const words = phrase
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  // Longer ones are clauses, not names of something.
  return words.length === 0 || words.length > 7 ? [] : [{ phrase, words }];
}
