import { InputError, sentenceOf } from './errors.ts';

/** With it the costliest pattern that a suite may have takes about 2 s; no model here writes as much in one answer. */
const maxTextChars = 20_000;

/**
 * Whether a suite's pattern occurs in the text. Patterns come from files of strangers, so they are run by RE2, in
 * time linear in the text; JavaScript's own engine could take for ever. In RE2 `\s` and `\w` know ASCII alone.
 * Throws {@link InputError} for a text too long, and for a pattern too large.
 */
export async function matchPattern(
  { pattern, flags = '' }: { readonly pattern: string; readonly flags?: string | undefined },
  text: string,
): Promise<boolean> {
  if (text.length > maxTextChars) {
    throw new InputError(
      `The answer has ${text.length} characters; a pattern can be checked on at most ${maxTextChars}. Ask for shorter answers.`,
    );
  }
  const { RE2JS } = await import('re2js');
  const bits = {
    i: RE2JS.CASE_INSENSITIVE,
    m: RE2JS.MULTILINE,
    s: RE2JS.DOTALL,
    // RE2 always reads whole characters, which is what the flag asks for.
    u: 0,
  };
  const mask = Object.entries(bits).reduce((sum, [flag, bit]) => (flags.includes(flag) ? sum | bit : sum), 0);
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern), mask).matcher(text).find();
  } catch (cause) {
    throw new InputError(
      `The pattern ${pattern} of this prompt's check cannot be run (${sentenceOf(cause)}). Write it more simply in the suite.`,
      { cause },
    );
  }
}

/** What RE2 has no linear time for: looking ahead or behind, and referring back to a group. */
export function isLinear(pattern: string): boolean {
  return !/(?<!\\)(?:\\\\)*(?:\(\?<?[=!]|\\(?:[1-9]|k<))/.test(pattern);
}
