import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../core/errors.ts';
import { type Comparison, formatComparison, longestLink, parseComparison } from './comparisonLink.ts';
import { newPane } from './comparisonPanes.ts';

const queryOf = (link: string) => new URLSearchParams(link.split('?')[1]);
const plain = ({ panes, ...rest }: Comparison) => ({
  ...rest,
  panes: panes.map(({ model, temperature, isRecorded }) => [model, temperature, isRecorded]),
});

const pane = fc
  .tuple(
    fc.constantFrom('mini-persona', 'mini-persona@0.5', 'mini-persona@0', 'a.b_c-7b'),
    fc.integer({ min: 0, max: 50 }).map((tenths) => tenths / 10),
    fc.constantFrom(true as const, undefined),
  )
  .map(([model, temperature, isRecorded]) => ({
    ...newPane(model, temperature),
    ...(isRecorded && { isRecorded }),
  }));
const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const comparison: fc.Arbitrary<Comparison> = fc.record({
  panes: fc.array(pane, { minLength: 2, maxLength: 4 }),
  system: fc.option(text),
  questions: fc.array(
    text.filter((question) => question.trim() !== ''),
    { maxLength: 5 },
  ),
  seeds: fc.array(fc.nat({ max: 0xffffffff }), { maxLength: 5 }),
  topP: fc.option(fc.integer({ min: 1, max: 100 }).map((hundredths) => hundredths / 100)),
  maxTokens: fc.option(fc.integer({ min: 1, max: 32_768 })),
});

describe('a link to a comparison', () => {
  it('brings back what it was made of', () => {
    fc.assert(
      fc.property(comparison, (given) => {
        const link = formatComparison(given);
        fc.pre(link.length < longestLink);
        expect(plain(parseComparison(queryOf(link))!)).toEqual(plain(given));
      }),
    );
  });

  it('can be read', () => {
    const link = formatComparison({
      panes: [newPane('mini-persona@0.5', 0.8), newPane('mini-base', 0)],
      ...{ system: null, questions: ['What are you?'], seeds: [7], topP: null, maxTokens: null },
    });
    expect(link).toBe('#/chat?compare=mini-persona@0.5:0.8,mini-base:0&ask=What+are+you%3F&seed=7');
  });

  it('is none where nothing is compared', () => {
    expect(parseComparison(new URLSearchParams('ask=What'))).toBeNull();
  });

  it.each([
    ['compare=', /does not say “”/],
    ['compare=mini-base:0.8', /one pane/],
    ['compare=a:0,b:0,c:0,d:0,e:0', /5 panes/],
    ['compare=a:0,Ü:0', /“Ü:0”/],
    ['compare=a:9,b:0', /temperature 9/],
    ['compare=a@7:0,b:0', /dial to 7/],
    ['compare=a:0,b:0&seed=7,x', /seed “x”/],
    ['compare=a:0,b:0&top-p=0', /top-p “0”/],
    ['compare=a:0,b:0&tokens=1.5', /tokens “1.5”/],
    [`compare=a:0,b:0&ask=${'long '.repeat(2_000)}`, /longer than 8000/],
  ])('says what is wrong with %.40s', (query, message) => {
    const parse = () => parseComparison(new URLSearchParams(query));
    expect(parse).toThrow(InputError);
    expect(parse).toThrow(message);
  });
});
