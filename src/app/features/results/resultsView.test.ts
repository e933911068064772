import { describe, expect, it } from 'vitest';
import { rulesJudging } from '../../../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun } from '../../../core/testing/exampleRun.ts';
import { type ResultsView, filterOf, formatView, parseView } from './resultsView.ts';

const run = exampleRun({
  id: 'run 1',
  prompts: [examplePrompt('you', { group: 'framing-human' })],
  judgings: [rulesJudging, { ...rulesJudging, rubric: 'other' }],
});
const read = (href: string): ResultsView => parseView(new URLSearchParams(href.split('?')[1] ?? ''), run);

describe('the results in the address', () => {
  it('are the newest judging, summed up by category, when nothing is said', () => {
    const view = read('#/results/run%201');
    expect(view).toMatchObject({ tab: 'summary', by: 'category', judging: 1, text: '', page: 0 });
    expect(filterOf(view)).toEqual({});
    expect(formatView(run.id, { ...view, judging: null })).toBe('#/results/run%201');
  });

  it('come back as they were written', () => {
    const view: ResultsView = {
      ...{
        tab: 'answers',
        judging: 0,
        by: 'temperature',
        model: 'one',
        suite: 'identity',
        category: 'direct',
      },
      ...{
        group: 'framing-human',
        temperature: 0,
        status: 'unreadable',
        text: 'cat & dog?',
        sort: 'stance/claims-ai',
      },
      ...{ page: 3, answer: 'ab' },
    };
    expect(read(formatView(run.id, view))).toEqual(view);
    expect(filterOf(view)).toEqual({
      ...{ models: ['one'], suites: ['identity'], categories: ['direct'], groups: ['framing-human'] },
      ...{ temperatures: [0], statuses: ['unreadable'], text: 'cat & dog?' },
    });
  });

  it('leave out what the run does not have, and what is no number', () => {
    const view = read('#/results/x?tab=all&judging=7&model=gone&temperature=0.5&status=odd&page=-1&group=');
    expect(view).toMatchObject({
      tab: 'summary',
      judging: 1,
      model: null,
      temperature: null,
      status: null,
      page: 0,
    });
    expect(view.group).toBeNull();
  });
});
