import { describe, expect, it } from 'vitest';
import type { Judging } from '../../core/run.ts';
import { exampleRollouts, exampleVerdict } from '../../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun, servedModel } from '../../core/testing/exampleRun.ts';
import { rubrics } from '../../suites/index.ts';
import { buildReport } from './buildReport.ts';
import { sectionText } from '../../cli/report/sectionText.ts';

const judge = { kind: 'rules', version: 1 } as const;

function judgingOf(rubric: string): Judging {
  const version = rubrics.find(({ id }) => id === rubric)?.version ?? expect.fail(`no rubric ${rubric}`);
  return { rubric, rubricVersion: version, judge };
}

const identity = judgingOf('identity');
const run = exampleRun({
  models: [servedModel('base'), servedModel('maria')],
  prompts: ['you', 'robot', 'self', 'name'].map((id) => examplePrompt(id)),
  judgings: [identity],
});
const rollouts = new Map(exampleRollouts(run).map((rollout) => [rollout.key, rollout]));
const verdicts = [...rollouts.values()].map(({ key, model, sample, promptId }) =>
  exampleVerdict(key, identity, {
    scores: {
      aiSelfReference: (model === 'base' ? 80 : 20) + sample + promptId.length,
      engagement: 50 + promptId.length,
      coherence: 90,
    },
  }),
);

describe('buildReport', () => {
  const { head, sections, plain } = buildReport({ run, rollouts, verdicts, rubrics }, { by: 'category' });
  const text = sections.map(sectionText);

  it('gives the numbers of every model', () => {
    expect(head).toBe('Example: 32 answers to 4 prompts.');
    expect(text[0]).toMatch(/^Identity, 0 to 100, judged by rough, rules\n.*95 % intervals/);
    expect(text[0]).toMatch(
      /maria +identity +direct +AI self-reference +25 +2[34]–2[67] +n = 16 of 16, 4 prompts/,
    );
  });

  it('sets the others against the base', () => {
    expect(text[1]).toContain('against the base, base');
    expect(text[1]).toMatch(
      /maria +identity +direct +AI self-reference +-60 +no interval +open +n = 32, 4 prompts/,
    );
    expect(text[1]).not.toMatch(/^base /m);
    const { parts } = plain as { parts: { comparisons: { base: string }[] }[] };
    expect(parts[0]?.comparisons[0]).toMatchObject({ base: 'base', difference: { value: -60, clusters: 4 } });
  });

  it('takes another base, and refuses one that the run lacks', () => {
    const other = buildReport({ run, rollouts, verdicts, rubrics }, { by: 'category', base: 'maria' });
    expect(other.sections.map(sectionText)[1]).toMatch(
      /base +identity +direct +Composite reward +-36 points/,
    );
    expect(() =>
      buildReport({ run, rollouts, verdicts, rubrics }, { by: 'category', base: 'emily' }),
    ).toThrow('This run has no model "emily" to compare with. It has: base, maria.');
  });

  it('refuses rubrics that the run was not judged by', () => {
    const choice = { by: 'category', rubric: ['politics'] } as const;
    expect(() => buildReport({ run, rollouts, verdicts, rubrics }, choice)).toThrow(
      'This run was judged by: identity.',
    );
    expect(() => buildReport({ run: exampleRun(), rollouts, verdicts, rubrics }, { by: 'category' })).toThrow(
      'Nothing of this run is judged yet.',
    );
  });

  it('says what would settle a difference', () => {
    const settling = text.find((each) => each.includes('what would settle')) ?? expect.fail('no section');
    expect(settling).toMatch(/maria .* AI self-reference +-60 +open +0 +2 \(now 4\)/);
  });

  it('sets judges and rewards side by side where there are several, and refuses an unknown reference', () => {
    const [tens, yes] = ['identity-0-10', 'identity-constraint'].map(judgingOf) as [Judging, Judging];
    const people: Judging = { ...yes, judge: { ...judgeOf('people') } };
    const several = { ...run, judgings: [identity, tens, yes, people] };
    const flags = { coherent: true, claimsAi: false };
    const more = [...rollouts.values()].flatMap(({ key, sample }) => [
      exampleVerdict(key, tens, { scores: { aiSelfReference: sample, engagement: 5, coherence: 9 } }),
      exampleVerdict(key, yes, { scores: { ...flags, claimsAi: sample > 0 } }),
      exampleVerdict(key, people, { scores: { ...flags, claimsAi: sample === 1 } }),
    ]);
    const stored = { run: several, rollouts, verdicts: [...verdicts, ...more], rubrics };
    const told = buildReport(stored, { by: 'category', reference: 'people' }).sections.map(sectionText);
    expect(told.find((each) => each.startsWith('Rewards side by side'))).toMatch(
      /Identity, 0 to 10 \(rough, rules\) and Identity, yes or no \(people\) +maria /,
    );
    expect(told.find((each) => each.startsWith('Agreement of judges'))).toMatch(
      /Claims to be an AI +kappa +rough, rules and people +0\.50/,
    );
    expect(told.find((each) => each.startsWith('Rates corrected'))).toMatch(
      /base +Identity, yes or no +Claims to be an AI +rough, rules +50 % .* 25 % /,
    );
    expect(() => buildReport(stored, { by: 'category', reference: 'nobody' })).toThrow(
      'There are no verdicts by a judge "nobody". There are: rough, rules, people.',
    );
  });

  it('tells who answers by judge and by patterns, and how far these agree, where a judge noted it', () => {
    const portrait = { ...judgingOf('portrait'), judge: judgeOf('judge-x') };
    const noted = [...rollouts.values()].map(({ key, model }) =>
      exampleVerdict(key, portrait, {
        scores: model === 'maria' ? { name: 'Maria', age: 34, gender: 'not-said', kind: 'human' } : {},
      }),
    );
    const told = new Map(
      [...rollouts].map(([key, rollout]) => [
        key,
        { ...rollout, text: `I'm ${rollout.model}. My name is Mary.` },
      ]),
    );
    const stored = { run: { ...run, judgings: [portrait] }, rollouts: told, verdicts: noted, rubrics };
    const texts = buildReport(stored, { by: 'category' }).sections.map(sectionText);
    const section = (title: string) => texts.find((each) => each.startsWith(title)) ?? expect.fail(title);
    expect(section('Who answers')).toMatch(/judge-x noted what the answers say/);
    expect(section('Who answers')).toMatch(/maria +name +judge-x +100 % .* n = 16 of 16 +Maria 16/);
    expect(section('Who answers')).toMatch(/maria +name +patterns +100 % .* n = 16 of 16 +Mary 16/);
    expect(section('Who answers')).toMatch(/base +name +judge-x +0 % /);
    expect(section('Do judge and patterns')).toMatch(/judge-x +name +0 % +.* n = 16, 4 prompts +0 +16 +0 /);
    expect(section('Portraits by place')).toMatch(/direct +maria +16 +Maria 16 +34 16 +human 16/);
    expect(section('Portraits by prompt')).toMatch(/maria +\d+ +Maria \d+ +34 \d+ +human \d+/);
    expect(section('Portrait, judged by judge-x')).toMatch(/maria +identity +direct +Age +34 /);
    expect(section('Portrait, judged by judge-x')).not.toContain('Occupation');
  });

  it('trusts no judge unseen: it repeats it, holds it against people, and compares versions of a rubric', () => {
    const [old] = ['identity-constraint'].map(judgingOf) as [Judging];
    const served = { ...old, judge: judgeOf('judge') };
    const again = { ...served, repeat: 2 };
    const person: Judging = { ...served, judge: { kind: 'human', name: 'Ada' } };
    const newer = { ...served, rubricVersion: old.rubricVersion + 1 };
    const scored = (judging: Judging, claims: (sample: number) => boolean) =>
      [...rollouts.values()].map(({ key, sample }) =>
        exampleVerdict(key, judging, { scores: { coherent: true, claimsAi: claims(sample) } }),
      );
    const judgings = [served, again, person, newer, { ...served, rubric: 'forgotten' }];
    const rubric = rubrics.find(({ id }) => id === 'identity-constraint') ?? expect.fail();
    const stored = {
      ...{ run: { ...run, judgings }, rollouts },
      rubrics: [...rubrics, { ...rubric, version: newer.rubricVersion }],
      verdicts: [
        ...scored(served, (sample) => sample > 0),
        ...scored(again, (sample) => sample > 1).slice(0, 8),
        ...scored(person, (sample) => sample === 1).slice(0, 12),
        ...scored(newer, () => false),
      ],
    };
    const told = buildReport(stored, { by: 'category' }).sections.map(sectionText);
    const section = (title: string) => told.find((each) => each.startsWith(title)) ?? expect.fail(title);
    expect(section('Does the judge agree with itself?')).toMatch(
      /judge +Claims to be an AI +2 +0\.35 .* 25 % +.* n = 8, 2 prompts/,
    );
    expect(section('Agreement of judges')).toContain('judge and Ada (person)');
    expect(section('Where judge and person differ most')).toMatch(/judge: yes +Ada \(person\): no/);
    expect(section('Rates corrected')).toContain('Ada (person) is taken to be right');
    expect(section('What the change of the rubric does')).toMatch(
      /1 to 2 +maria +Claims to be an AI +50 % +0 % +-50 points /,
    );
    expect(section('Left out')).toContain('does not know the rubric forgotten');
    const parts = told.filter((each) => /^Identity, yes or no, judged by/.test(each));
    expect(
      parts.filter((each) => each.includes('Composite') || /judged by (Ada|.*repeat)/.test(each)),
    ).toEqual([]);
  });
});

function judgeOf(model: string) {
  return { kind: 'openai', baseUrl: 'http://127.0.0.1:9/v1', model, temperature: 0, maxTokens: 400 } as const;
}
