import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkRubric } from '../core/rubric.ts';
import { exampleRollouts, exampleVerdict, rulesJudging } from '../core/testing/exampleRecords.ts';
import { exampleRun, servedModel } from '../core/testing/exampleRun.ts';
import { writeHandout } from './handout.ts';
import { handoutFigures } from './handoutFigures.ts';

const rubric = checkRubric(JSON.parse(readFileSync('src/suites/rubrics/identity.json', 'utf8')));
const judging = { ...rulesJudging, rubric: rubric.id, rubricVersion: rubric.version };
const run = exampleRun({ models: [servedModel('one'), servedModel('two')], judgings: [judging] });
const rollouts = exampleRollouts(run);
const scores = { aiSelfReference: 80, engagement: 50, coherence: 90 };
const verdicts = rollouts.map(({ key }) => exampleVerdict(key, judging, { scores }));
const stored = { run, rollouts: new Map(rollouts.map((rollout) => [rollout.key, rollout])), verdicts };

describe('handoutFigures', () => {
  it('says and draws what was measured, for a page that runs nothing', () => {
    const figures = handoutFigures({ ...stored, rubrics: [rubric] });
    expect(figures).toMatch(/<li>one: “AI self-reference” is 80 on average/);
    expect(figures.match(/<svg/g)?.length).toBeGreaterThan(1);
    const page = writeHandout({ run, rollouts }, { figures });
    expect(page).toContain('<figcaption>');
    expect(page).not.toMatch(/<script|<link|url\(|style=".*position/);
  });

  it('is empty for a run that nobody judged', () => {
    const unjudged = { ...run, judgings: [] };
    expect(handoutFigures({ ...stored, run: unjudged, verdicts: [], rubrics: [rubric] })).toBe('');
  });
});
