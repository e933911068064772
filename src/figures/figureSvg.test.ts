import { describe, expect, it } from 'vitest';
import type { Estimate } from '../findings/estimate.ts';
import type { Figure } from '../findings/report/figure.ts';
import { figureSvg, standaloneSvg } from './figureSvg.ts';

const interval = (value: number, low: number, high: number): Estimate => ({
  ...{ kind: 'interval', value, low, high, level: 0.95, method: 'wilson' },
  ...{ n: 240, clusters: 60, missing: 0 },
});
const none: Estimate = { kind: 'none', reason: 'no-answers', n: 0, clusters: 0, missing: 0 };
const models = new Map([
  ['base', { name: 'Base 7B', voice: 'base' }],
  ['maria', { name: 'Maria & co', voice: 'maria' }],
]);
const scale = { unit: 'percent', min: 0, max: 1, axis: 'per cent of answers' } as const;
const words = { title: 'Claims <to be> an AI', caption: 'n = 240 answers to 60 prompts a line.' };
const intervals: Figure = {
  ...{ kind: 'intervals', ...words, ...scale, isDifference: false },
  items: ['direct', 'indirect'].flatMap((group) => [
    { group, model: 'base', estimate: interval(0.5, 0.25, 0.75) },
    { group, model: 'maria', estimate: none },
  ]),
};
const figures: readonly Figure[] = [
  intervals,
  { ...intervals, ...{ isDifference: true, min: -1 } },
  {
    ...{ kind: 'changes', ...words, ...scale, base: 'base' },
    items: [
      {
        ...{ group: 'all', model: 'maria', before: interval(0.9, 0.8, 1), after: interval(0.2, 0.1, 0.3) },
        difference: interval(-0.7, -0.8, -0.6),
      },
    ],
  },
  {
    kind: 'shares',
    ...words,
    items: [{ group: 'Maria & co', model: 'maria', name: 'Maria', count: 3, of: 4 }],
  },
  {
    ...{ kind: 'histogram', ...words, min: 0, max: 100, round: 10 },
    scores: [
      { score: 40, count: 7 },
      { score: 43, count: 2 },
    ],
  },
  {
    ...{ kind: 'power', ...words, aim: 0.8 },
    items: [
      {
        ...{ group: 'direct', model: 'maria', name: 'Maria, direct', needed: 50 },
        curve: [10, 50, 1_000].map((prompts) => ({ prompts, chance: prompts / 1_000 })),
      },
    ],
  },
];

/** What an attribute of all elements of a name is. */
const attributesOf = (svg: string, element: string, name: string): string[] =>
  [...svg.matchAll(new RegExp(`<${element} [^>]*?\\b${name}="([^"]*)"`, 'g'))].map(
    ([, value]) => value ?? '',
  );

describe.each(figures)('the figure of $kind', (figure) => {
  it.each([340, 680])('is drawn at a width of %i, by attributes that a strict policy allows', (width) => {
    const svg = figureSvg(figure, { width, models });
    expect(svg).toContain('role="img" aria-label="Claims &lt;to be&gt; an AI"');
    expect(svg).not.toMatch(/<style|style=|NaN|undefined|⚠/);
    expect(attributesOf(svg, 'svg', 'width')).toEqual([String(width)]);
    const places = attributesOf(svg, 'circle', 'cx').map(Number);
    expect(places.every((place) => place >= 0 && place <= width)).toBe(true);
  });
});

describe('figureSvg', () => {
  const svg = figureSvg(intervals, { width: 680, models });

  it('draws a dot and its interval for each estimate that there is, in the colour of its voice', () => {
    expect(attributesOf(svg, 'circle', 'fill')).toEqual(
      Array(2).fill('var(--voice-base, var(--voice-base))'),
    );
    const [dot] = attributesOf(svg, 'circle', 'cx').map(Number);
    const [, low, high] = /d="M([\d.]+),[\d.]+L([\d.]+),/.exec(svg) ?? [];
    expect((Number(low) + Number(high)) / 2).toBeCloseTo(dot ?? NaN, 6);
    expect(svg).toContain('50 % (25–75 %)');
    expect(svg).toContain('Maria &amp; co');
  });

  it('marks 0 where there are differences', () => {
    const rules = (figure: Figure) =>
      figureSvg(figure, { width: 680, models }).split(/<g stroke="var\(--ink-soft\)"[^>]*><line/).length;
    expect(rules(figures[1] ?? intervals)).toBe(rules(intervals) + 1);
  });

  it('tells round scores from others', () => {
    const colours = attributesOf(figureSvg(figures[4] ?? intervals, { width: 340, models }), 'rect', 'fill');
    expect(colours).toEqual(['var(--ink)', 'var(--edge, var(--ink-soft))']);
  });
});

describe('standaloneSvg', () => {
  it('holds title and caption and no colour of a page', () => {
    const { text, height } = standaloneSvg(intervals, { width: 640, models }, (colour) =>
      colour === 'var(--paper)' ? 'rgb(255, 255, 255)' : 'rgb(0, 0, 0)',
    );
    expect(text).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(text).toMatch(/<text [^>]*>Claims &lt;to be&gt; an AI<\/text>/);
    expect(text).toMatch(/<text [^>]*>n = 240 answers to 60 prompts a line.<\/text>/);
    expect(text).not.toMatch(/var\(|currentColor/);
    expect(text).toContain('fill="rgb(255, 255, 255)"');
    expect(height).toBeGreaterThan(150);
  });
});
