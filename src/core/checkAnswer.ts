import { canonicalJson } from './ids.ts';
import { matchPattern } from './matchPattern.ts';
import type { AnswerCheck } from './suite.ts';

/**
 * Whether an answer is right by its prompt's check, as suite.ts describes each; null for code, which has to be run in
 * a sandbox. Throws {@link InputError} for a pattern that cannot be run on this answer.
 */
export async function checkAnswer(check: AnswerCheck, answer: string): Promise<boolean | null> {
  switch (check.type) {
    case 'exact':
      return plain(answer) === plain(check.value);
    case 'number':
      return isNumber(answer, check.value, check.tolerance ?? 0);
    case 'regex':
      return await matchPattern(check, answer);
    case 'includes':
      return includesAll(answer, check.values, check.absent ?? []);
    case 'json':
      return isJson(answer, check.value);
    case 'wordCount':
      return isWithin(wordsOf(answer), check.min, check.max);
    case 'code':
      return null;
  }
}

/** Without case, outer spaces and quotes, and a final full stop. */
function plain(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/^["'“‘`]+/, '')
    .replace(/["'”’`.]+$/, '')
    .trim();
}

/**
 * The last number counts: answers reckon first and conclude last. Commas between groups of three are left out; a
 * hyphen right behind a digit is a dash ("10-12"), and the typographic minus is a minus.
 */
function isNumber(answer: string, value: number, tolerance: number): boolean {
  const plainDigits = answer.replaceAll('−', '-').replace(/(?<=\d),(?=\d{3}\b)/g, '');
  const numbers = plainDigits.match(/(?:(?<!\d)-)?\d+(?:\.\d+)?/g);
  const last = numbers?.at(-1);
  // Decimal fractions are not exact in binary: 1.42 - 1.41 is a little more than 0.01.
  return last !== undefined && Math.abs(Number(last) - value) <= tolerance + 1e-9;
}

function includesAll(answer: string, values: readonly string[], absent: readonly string[]): boolean {
  const text = answer.toLowerCase();
  const holds = (value: string): boolean => text.includes(value.toLowerCase());
  return values.every(holds) && !absent.some(holds);
}

function isJson(answer: string, value: unknown): boolean {
  const [fenced, second] = [...answer.matchAll(/```\w*\s*\n([\s\S]*?)```/g)];
  if (second) return false;
  try {
    return canonicalJson(JSON.parse(fenced?.[1] ?? answer)) === canonicalJson(value);
  } catch {
    return false;
  }
}

const wordsOf = (answer: string): number => answer.trim().split(/\s+/).filter(Boolean).length;

const isWithin = (count: number, min: number, max: number): boolean => count >= min && count <= max;
