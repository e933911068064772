import { canonicalJson } from './ids.ts';
import type { Sandbox } from './ports/sandbox.ts';
import { matchPattern } from './matchPattern.ts';
import type { AnswerCheck } from './suite.ts';

/**
 * Whether an answer is right by its prompt's check, as suite.ts describes each; null for code that there is no
 * sandbox for. Throws {@link InputError} for a pattern that cannot be run on this answer, and as the sandbox does.
 */
export async function checkAnswer(
  check: AnswerCheck,
  answer: string,
  sandbox?: Sandbox,
): Promise<boolean | null> {
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
      return await isCode(check, answer, sandbox);
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

/** The answer's blocks of code, or all of it. What it exports is there anyway, and it has nothing to import. */
async function isCode(
  { language, functionName, cases }: Extract<AnswerCheck, { type: 'code' }>,
  answer: string,
  sandbox: Sandbox | undefined,
): Promise<boolean | null> {
  if (!sandbox || language !== 'javascript') return null;
  const blocks = [...answer.matchAll(fences)].map(([, block]) => block);
  const script = (blocks.length > 0 ? blocks.join('\n') : answer).replace(/^\s*export\s+(default\s+)?/gm, '');
  // A word of the language that no sandbox can take away: it would load other code.
  if (/\bimport\b/.test(script)) return false;
  const results = await sandbox({ script, functionName, args: cases.map(({ args }) => args) });
  return (
    results?.length === cases.length &&
    cases.every(({ result }, index) => canonicalJson(results[index]) === canonicalJson(result))
  );
}

const fences = /```\w*\s*\n([\s\S]*?)```/g;

function isJson(answer: string, value: unknown): boolean {
  const [fenced, second] = [...answer.matchAll(fences)];
  if (second) return false;
  try {
    return canonicalJson(JSON.parse(fenced?.[1] ?? answer)) === canonicalJson(value);
  } catch {
    return false;
  }
}

const wordsOf = (answer: string): number => answer.trim().split(/\s+/).filter(Boolean).length;

const isWithin = (count: number, min: number, max: number): boolean => count >= min && count <= max;
