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
      ...{ title: 'Claims to be an AI', unit: 'percent', min: 0, max: 1 },
      items: [
        { model: 'maria', label: 'identity, direct', estimate: interval(0.5, 0, 1) },
        {
          model: 'base',
          label: 'identity, direct',
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
    expect(html).toContain('50 % (0–100 %), n 240');
    expect(html).not.toMatch(/<script|<b>|<link|src=/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('It’s &quot;quoted&quot; &amp; so on.');
    expect(html).toContain("default-src 'none'");
  });

  it('draws the value and its whisker on the scale, in the voice of the model', () => {
    expect(html).toContain('<circle cx="50%"');
    expect(html).toContain('x1="3%" x2="97%" y1="28" y2="28"');
    expect(html).toContain('var(--voice-maria,var(--voice-base))');
    expect(html.match(/<circle/g)).toHaveLength(1);
  });

  it('shows 0 on a scale of differences', () => {
    const items = [{ model: 'maria', label: 'all', estimate: interval(-0.5, -0.6, -0.4) }];
    const figure = { title: 'Difference', unit: 'percent', min: -1, max: 1, items } as const;
    const page = reportHtml('r', {
      head: '',
      models,
      plain: {},
      sections: [{ ...section, figures: [figure] }],
    });
    expect(page).toContain('<line class="zero" x1="50%"');
    expect(page).toContain('-50 points (-60 to -40), n 240');
  });
});
