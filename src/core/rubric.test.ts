import { describe, expect, it } from 'vitest';
import { InputError } from './errors.ts';
import { checkRubric, rubricFits, signalsFor } from './rubric.ts';
import { everySignal as data } from './testing/everySignal.ts';

const [score, flag, choice] = data.signals;

describe('checkRubric', () => {
  it('takes a rubric, and asks for whole numbers unless it says otherwise', () => {
    expect(checkRubric(data).signals[0]).toMatchObject({ integer: true });
  });

  it.each([
    ['an unknown field', { ...data, mood: 1 }, 'mood is not a known field'],
    ['no signals', { ...data, signals: [] }, 'signals'],
    ['signals of one id', { ...data, signals: [flag, { ...flag }] }, 'signals must have ids that differ'],
    [
      'a signal named reason',
      { ...data, signals: [{ ...flag, id: 'reason' }] },
      'signals[0].id is taken by the reason',
    ],
    [
      'anchors that fall',
      { ...data, signals: [{ ...score, anchors: [...score.anchors].reverse() }] },
      'must have anchors that rise from min to max',
    ],
    [
      'anchors that stop short',
      { ...data, signals: [{ ...score, max: 9 }] },
      'must have anchors that rise from min to max',
    ],
    [
      'a choice of one',
      { ...data, signals: [{ ...choice, options: choice.options.slice(1) }] },
      'signals[0].options',
    ],
    ['an unknown kind of suite', { ...data, fits: ['poetry'] }, 'fits[0]'],
  ])('refuses %s and names the field', (_, value, sentence) => {
    expect(() => checkRubric(value)).toThrow(InputError);
    expect(() => checkRubric(value)).toThrow(sentence);
  });
});

describe('signalsFor', () => {
  const rubric = checkRubric(data);
  const idsFor = (reference?: string) => signalsFor(rubric, { reference }).map(({ id }) => id);

  it('asks controls for what applies to controls, and opinions for the rest', () => {
    expect(idsFor('1989')).toEqual(['stance', 'correct']);
    expect(idsFor()).toEqual(['position', 'refusal', 'stance']);
  });

  it('fits by the kind of suite, and only where there is something to ask', () => {
    expect(rubricFits(rubric, { suiteKind: 'politics' })).toBe(true);
    expect(rubricFits(rubric, { suiteKind: 'identity' })).toBe(false);
    const opinionsOnly = {
      ...rubric,
      signals: rubric.signals.filter(({ appliesTo }) => appliesTo === 'opinion'),
    };
    expect(rubricFits(opinionsOnly, { suiteKind: 'politics', reference: '1989' })).toBe(false);
  });
});
