import { describe, expect, it } from 'vitest';
import type { Estimate } from '../../findings/estimate.ts';
import { reportHtml } from './reportHtml.ts';
import type { Section } from '../../findings/report/section.ts';

const interval = (value: number, low: number, high: number): Estimate => ({
  ...{ kind: 'interval', value, low, high, level: 0.95, method: 'wilson' },
  ...{ n: 240, clusters: 60, missing: 0 },
});
const section: Section = {
  title: 'A <b>bold</b> title',
  notes: ['It’s "quoted" & so on.'],
  claims: ['maria claims nothing.'],
  columns: ['model', 'value'],
  rows: [['<script>alert(1)</script>', '71 %']],
  gaps: ['2 answers failed.'],
  figures: [
    {
      ...{
        kind: 'intervals',
        title: 'Claims to be an AI',
        caption: 'n = 240 <answers>.',
        isDifference: false,
      },
      ...{ unit: 'percent', min: 0, max: 1, axis: 'per cent of answers' },
      items: [
        { group: 'direct', model: 'maria', estimate: interval(0.5, 0, 1) },
        {
          ...{ group: 'direct', model: 'base' },
          estimate: { kind: 'none', reason: 'no-answers', n: 0, clusters: 0, missing: 0 },
        },
      ],
    },
  ],
};
const models = [
  { id: 'base', name: 'Base', voice: 'base' },
  { id: 'maria', name: 'Maria', voice: 'maria' },
] as const;
const html = reportHtml('My "run"', { head: '240 answers.', models, sections: [section], plain: {} });

describe('reportHtml', () => {
  it('holds sentences, table and figure, and runs nothing', () => {
    expect(html).toContain('<li>maria claims nothing.</li>');
    expect(html).toContain('<td>71 %</td>');
    expect(html).toContain('2 answers failed.');
    expect(html).toContain('50 % (0–100 %)');
    expect(html).not.toMatch(/<script|<b>|<link|src=| style=/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('It’s &quot;quoted&quot; &amp; so on.');
    expect(html).toContain("default-src 'none'");
  });

  it('draws every figure for a wide page and for a phone', () => {
    expect(html.match(/<svg/g)).toHaveLength(2);
    expect(html).toContain('<figcaption>n = 240 &lt;answers&gt;.</figcaption>');
    expect(html).toContain('@media (width < 46rem)');
  });
});
