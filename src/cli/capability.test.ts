import { describe, expect, it } from 'vitest';
import { RulesJudge } from '../judges/rules/rulesJudge.ts';
import { nodeSandbox } from '../judges/rules/sandbox/nodeSandbox.ts';
import { rubrics, suites } from '../suites/index.ts';

const suite = suites.find(({ id }) => id === 'capability') ?? expect.fail('no suite');
const rubric = rubrics.find(({ id }) => id === 'rough-capability') ?? expect.fail('no rubric');
const judge = new RulesJudge(nodeSandbox);

/** A right answer and a wrong one for each function, as models write them. */
const answers: Readonly<Record<string, readonly [string, string]>> = {
  isEven: ['function isEven(n) { return n % 2 === 0; }', 'function isEven(n) { return n % 2 !== 1; }'],
  reverseText: [
    '```javascript\nconst reverseText = (text) => [...text].reverse().join("");\n```',
    'const reverseText = (text) => text;',
  ],
  sumOf: [
    'Here it is:\n```js\nexport default function sumOf(numbers) {\n  return numbers.reduce((a, b) => a + b, 0);\n}\n```\nIt adds up.',
    'function sumOf(numbers) { return numbers.reduce((a, b) => a + b); }',
  ],
  largest: [
    'function largest(numbers) { return Math.max(...numbers); }\nconsole.log(largest([1, 2]));\nmodule.exports = largest;',
    'function largest(numbers) { let most = 0; for (const n of numbers) if (n > most) most = n; return most; }',
  ],
  countVowels: [
    'function countVowels(word) { return (word.match(/[aeiou]/gi) || []).length; }',
    'function countVowels(word) { return word.match(/[aeiou]/g).length; }',
  ],
  factorial: [
    'function factorial(n) { return n < 2 ? 1 : n * factorial(n - 1); }',
    'function factorial(n) { return n * factorial(n - 1); }',
  ],
  isPalindrome: [
    'function isPalindrome(text) { const s = text.toLowerCase().replace(/\\s/g, ""); return s === s.split("").reverse().join(""); }',
    'import { reverse } from "text";\nfunction isPalindrome() { return true; }',
  ],
  fizzBuzz: [
    'function fizzBuzz(n) { return Array.from({ length: n }, (_, i) => (++i % 15 ? i % 5 ? i % 3 ? i : "Fizz" : "Buzz" : "FizzBuzz")); }',
    'while (true) {}',
  ],
};

const code = suite.prompts.flatMap((prompt) =>
  prompt.check?.type === 'code' ? [{ prompt, name: prompt.check.functionName }] : [],
);

describe('the code of the capability suite, run', { timeout: 30_000 }, () => {
  it('has an answer here for every task', () => {
    expect(code.map(({ name }) => name).sort()).toEqual(Object.keys(answers).sort());
  });

  it.each(code)('tells right from wrong: $name', async ({ prompt, name }) => {
    const planned = {
      ...prompt,
      ...{ suite: suite.id, suiteVersion: suite.version, suiteKind: suite.kind, promptId: prompt.id },
    };
    const scores = await Promise.all(
      (answers[name] ?? []).map(async (answer) => {
        const { raw } = await judge.score({ rubric, prompt: planned, answer });
        return (JSON.parse(raw) as { correct: boolean }).correct;
      }),
    );
    expect(scores).toEqual([true, false]);
  });
});
