import { writeFile } from 'node:fs/promises';
import { type Agreement, measureAgreement } from '../src/judges/rules/measureAgreement.ts';
import { labelledAnswers, pairLabels } from '../src/judges/rules/readLabelled.ts';
import { rulesVersion } from '../src/judges/rules/rulesJudge.ts';

/** Writes docs/rough-judge.md from the labelled answers: `npx tsx tools/roughJudgeReport.ts`. */
const sources = {
  written: 'Written answers, on which the rules were made',
  'smollm2-135m': 'Real answers, which the rules had not seen',
} as const;

function tableOf({ confusion }: Agreement): string {
  const labels = Object.keys(confusion);
  const rows = labels.map((label) => {
    const cells = labels.map((other) => confusion[label]?.[other] ?? 0);
    return `| ${label} | ${cells.join(' | ')} |`;
  });
  return [
    `| person \\ rules | ${labels.join(' | ')} |`,
    `| --- |${' --- |'.repeat(labels.length)}`,
    ...rows,
  ].join('\n');
}

function partOf(source: keyof typeof sources, signal: 'stance' | 'refusal'): string {
  const pairs = pairLabels(source, signal);
  if (pairs.length === 0) return '';
  const agreement = measureAgreement(pairs);
  const kappa = agreement.kappa === null ? 'not defined' : agreement.kappa.toFixed(2);
  const head = `### ${sources[source]}: ${signal}`;
  const figures = `${agreement.n} answers; equal labels: ${(agreement.accuracy * 100).toFixed(0)} %; Cohen's kappa: ${kappa}.`;
  return [head, figures, tableOf(agreement)].join('\n\n');
}

const parts = (['written', 'smollm2-135m'] as const).flatMap((source) => [
  partOf(source, 'stance'),
  partOf(source, 'refusal'),
]);
const text = `# How far the rough judge agrees with people

The built-in judge (rules, version ${rulesVersion}) needs no key and no network. It sees only who an answer says that
it is, and whether it refuses. These figures come from ${labelledAnswers.length} answers that were labelled by hand
(\`src/judges/rules/labelled.json\`): written ones in many voices, on which the rules were made, and real ones of the
embedded model, which were labelled apart and kept from the rules. Made by \`npx tsx tools/roughJudgeReport.ts\`.

${parts.filter((part) => part !== '').join('\n\n')}
`;
await writeFile('docs/rough-judge.md', text);
console.log(text);
