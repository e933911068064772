import { planBeliefs } from '../planBeliefs.ts';
import type { Judging } from '../run.ts';
import type { RunFile } from '../runFile.ts';
import { type Verdict, verdictKey } from '../verdict.ts';
import { exampleBelief, exampleBeliefSet } from './exampleBelief.ts';
import { exampleRollouts, exampleVerdict, failedRollout, rulesJudging } from './exampleRecords.ts';
import { examplePrompt, exampleRun, servedModel } from './exampleRun.ts';

export const llmJudging: Judging = {
  rubric: 'identity',
  rubricVersion: 2,
  judge: {
    kind: 'openai',
    baseUrl: 'http://127.0.0.1:9/v1',
    model: 'judge-x',
    temperature: 0,
    maxTokens: 300,
  },
};

/**
 * A run with all that an export has to cope with: two models, two temperatures, a failed answer, hostile texts,
 * three judgings, a failed verdict, answers without verdict, scores that are numbers, flags, words and missing, beliefs
 * of first tokens.
 */
export function exampleRunFile(): RunFile {
  const run = exampleRun({
    models: [servedModel('one'), servedModel('two')],
    prompts: [
      examplePrompt('you', { group: 'framing-ai' }),
      examplePrompt('day', { category: 'indirect', text: 'Say "value": null,\nthen a comma, please' }),
      examplePrompt('robot', { reference: 'yes' }),
    ],
    judgings: [rulesJudging, llmJudging, { ...llmJudging, rubricVersion: 3 }],
  });
  const [first, ...rest] = exampleRollouts(run).map((rollout, index) => ({
    ...rollout,
    text: hostileTexts[index % hostileTexts.length] ?? rollout.text,
  }));
  if (!first) throw new Error('The example run has no answers.');
  const rollouts = [failedRollout(first), ...rest];
  const byRules = rest.map(({ key }, index) =>
    exampleVerdict(key, rulesJudging, {
      scores: { stance: ['claims', 'denies', 'neither'][index % 3] ?? '', refusal: index % 4 === 0 },
    }),
  );
  const byModel = rest.slice(3).map(({ key }, index): Verdict => {
    if (index % 5 === 0) return failedVerdict(key, llmJudging);
    const coherence: Record<string, number> = index % 3 === 0 ? {} : { coherence: 90 - index };
    return exampleVerdict(key, llmJudging, { scores: { aiSelfReference: (index * 7) % 101, ...coherence } });
  });
  const beliefs = planBeliefs(run, exampleBeliefSet, []).map((spec, index) =>
    exampleBelief(spec, [-1 - index / 8, index % 3 === 0 ? null : -2], { bound: true }),
  );
  return { run, rollouts, verdicts: [...byRules, ...byModel], beliefs };
}

const hostileTexts = [
  '=HYPERLINK("http://evil.example","x")',
  '+1',
  '-0.5',
  '@SUM(A1)',
  '\tcell',
  '',
  '\n "value": null,\n',
  '猫 🐈‍⬛ "quoted", and\r\nmore',
  'I am Maria.',
];

function failedVerdict(rolloutKey: string, judging: Judging): Verdict {
  const { scores, reason, ...common } = exampleVerdict(rolloutKey, judging);
  const key = verdictKey(rolloutKey, judging);
  return { ...common, key, status: 'failed', raw: 'Well…', error: "The judge's reply holds no JSON object." };
}
