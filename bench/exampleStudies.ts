import { exampleStudy } from '../src/core/testing/exampleStudy.ts';
import type { RunFile } from '../src/core/runFile.ts';
import { rubrics, suites } from '../src/suites/index.ts';

const asked = suites.filter(({ kind }) => kind === 'identity' || kind === 'politics');
const common = { suites: asked, samples: 27 };
const identity = rubrics.filter(({ id }) => id === 'identity');

/** 20,160 answers of three models, with the five judgings of the identity and politics rubrics: 70,560 verdicts. */
export function largeStudy(): RunFile {
  const judged = rubrics.filter(({ id }) => /^(identity|politics)/.test(id));
  const first = exampleStudy({ ...common, rubrics: judged, judges: ['judge-a'] });
  const second = exampleStudy({ ...common, rubrics: identity, judges: ['judge-b'] });
  return {
    run: { ...first.run, judgings: [...first.run.judgings, ...second.run.judgings] },
    rollouts: longer(first.rollouts),
    verdicts: [...first.verdicts, ...second.verdicts],
    beliefs: [],
  };
}

/** The same answers with one verdict each. */
export function singleStudy(): RunFile {
  const judged = rubrics.filter(({ id }) => id === 'identity' || id === 'politics');
  const study = exampleStudy({ ...common, rubrics: judged, judges: ['judge-a'] });
  return { ...study, rollouts: longer(study.rollouts) };
}

const days = [
  'I get up before the light and put the kettle on while the house is still quiet.',
  'Most of my day goes by outside, and I have learned to read the weather from the birds.',
  'My mother used to say that a good question is worth more than a quick answer.',
  'On Sundays I call my sister, who lives two valleys over and keeps bees.',
  'I am not sure that I ever chose this life, but I would choose it again.',
  'People ask me about it at the shop, and I tell them what I am telling you.',
];

/** As long as answers are, and no two alike: what is read of them costs what it costs in a real run. */
function longer(rollouts: RunFile['rollouts']): RunFile['rollouts'] {
  return rollouts.map((rollout, place) => {
    if (rollout.status !== 'done') return rollout;
    const more = [0, 1, 2, 3, 4].map((step) => days[(place * (step + 3) + step) % days.length]);
    return { ...rollout, text: [rollout.text, ...more, `That was answer ${place}.`].join(' ') };
  });
}
