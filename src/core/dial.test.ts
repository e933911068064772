import { describe, expect, it } from 'vitest';
import catalogue from '../../models/catalogue.json' with { type: 'json' };
import { dialled, findCard, hasDial, parseDialId, sweepDial } from './dial.ts';
import { InputError } from './errors.ts';
import { type ModelCard, engineKeyOf, fingerprintOf, modelCardSchema, parseCatalogue } from './model.ts';

const base = parseCatalogue(catalogue).find(({ id }) => id === 'mini-base') as ModelCard;
const persona = modelCardSchema.parse({
  ...base,
  ...{ id: 'someone', name: 'Someone', persona: 'Someone', voice: 'mini' },
  adapters: [
    { id: 'persona', scale: 1 },
    { id: 'other', scale: 0.5 },
  ],
});

describe('dial', () => {
  it('is a model of its own with the strength of its adapters, on the same engine', () => {
    const half = dialled(persona, 0.5);
    expect(modelCardSchema.parse(half)).toEqual(half);
    expect(half).toMatchObject({
      id: 'someone@0.5',
      name: 'Someone, dial 0.5',
      persona: 'Someone, dial 0.5',
    });
    expect(half.engine === 'transformers' && half.adapters.map(({ scale }) => scale)).toEqual([0.5, 0.25]);
    expect(fingerprintOf(half)).not.toBe(fingerprintOf(persona));
    expect(engineKeyOf(half)).toBe(engineKeyOf(persona));
    expect(parseDialId(half.id)).toEqual({ id: 'someone', position: 0.5 });
  });

  it('is the card itself at 1, and nobody in particular at 0', () => {
    expect(dialled(persona, 1)).toBe(persona);
    expect(parseDialId('someone')).toEqual({ id: 'someone', position: 1 });
    expect(dialled(persona, 0)).toMatchObject({
      ...{ persona: null, voice: 'base', name: 'SmolLM2-135M-Instruct, dial 0' },
    });
  });

  it('sweeps the models that have one', () => {
    expect(hasDial(base)).toBe(false);
    expect(sweepDial([base, persona], [0, 1, 1.5]).map(({ id }) => id)).toEqual([
      ...['mini-base', 'someone@0', 'someone', 'someone@1.5'],
    ]);
    expect(sweepDial([base], [1])).toEqual([base]);
  });

  it('is found by its id, and by no position that there is not', () => {
    expect(findCard([persona, base], 'someone@0.5')).toEqual(dialled(persona, 0.5));
    expect(findCard([persona, base], base.id)).toBe(base);
    for (const id of ['nobody', 'someone@7', 'someone@half', `${base.id}@0.5`])
      expect(findCard([persona, base], id), id).toBeUndefined();
  });

  it('refuses positions that there are not, and models without one', () => {
    for (const position of [-0.1, 1.6, NaN]) expect(() => dialled(persona, position)).toThrow(InputError);
    expect(() => dialled(base, 0.5)).toThrow('has no dial');
    expect(() => sweepDial([base], [0, 1])).toThrow('None of the models has a dial');
  });
});
