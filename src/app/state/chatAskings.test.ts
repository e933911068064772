import { describe, expect, it } from 'vitest';
import type { Pane } from '../../core/chat.ts';
import { type ModelCard, modelCardSchema } from '../../core/model.ts';
import { servedModel } from '../../core/testing/exampleRun.ts';
import { chatAskings, paneAskings } from './chatAskings.ts';
import { addPane, canAsk, newPane, panesBesideBase } from './comparisonPanes.ts';
import { type ChatSettings, defaultSettings } from './settingsState.svelte.ts';

const persona = modelCardSchema.parse({
  ...{ engine: 'transformers', id: 'someone', name: 'Someone', persona: 'Someone', base: 'Base' },
  ...{ licence: null, folder: 'a', graph: 'b.onnx', contextTokens: 100 },
  files: [{ path: 'b.onnx', bytes: 1, sha256: '0'.repeat(64) }],
  adapters: [{ id: 'persona', scale: 1 }],
});
const settings = { ...defaultSettings.chat, seed: 7 };

const cards = new Map(['one', 'two'].map((id) => [id, servedModel(id)]));

describe('chatAskings', () => {
  it('asks a card at the position of its dial, where it has one', () => {
    const askOnce = (card: ModelCard) =>
      chatAskings(card, { ...settings, dial: 0.5 }).map((asked) => asked.card.id);
    expect(askOnce(persona)).toEqual(['someone@0.5']);
    expect(askOnce(servedModel('one'))).toEqual(['one']);
  });

  it('asks eight times with seeds that follow one another', () => {
    const asked = chatAskings(persona, { ...settings, seed: 0xffffffff }, { times: 8 });
    expect(asked.map(({ seed }) => seed)).toEqual([0xffffffff, 0, 1, 2, 3, 4, 5, 6]);
    expect(new Set(asked.map(({ card }) => card.id)).size).toBe(1);
  });
});

describe('paneAskings', () => {
  const panes = ['one', 'gone', 'two'].map((model, index) => ({
    id: `p${index}`,
    model,
    temperature: index,
  }));

  it('asks each pane whose model is there, with the same seed and a temperature of its own', () => {
    const asked = paneAskings(panes, (model) => cards.get(model), settings);
    expect(
      asked.map(({ card, pane, seed, sampling }) => [card.id, pane, seed, sampling.temperature]),
    ).toEqual([
      ['one', 'p0', 7, 0],
      ['two', 'p2', 7, 2],
    ]);
  });

  it('draws one seed for all of them, where another answer is wanted', () => {
    const [first, second] = paneAskings(panes, (model) => cards.get(model), settings, { isAnew: true });
    expect(first?.seed).toBe(second?.seed);
    expect(first?.seed).not.toBe(7);
  });
});

describe('panes', () => {
  it('begin with a persona beside its base, unless that is not wanted or the same', () => {
    const modelsOf = (more: Partial<ChatSettings>) =>
      panesBesideBase(persona, { ...settings, ...more })?.map(({ model }) => model);
    expect(modelsOf({ dial: 0.5 })).toEqual(['someone@0.5', 'someone@0']);
    expect(modelsOf({ dial: 0 })).toBeUndefined();
    expect(modelsOf({ isBesideBase: false })).toBeUndefined();
    expect(panesBesideBase(servedModel('one'), settings)).toBeNull();
  });

  it('are joined by what is not there yet', () => {
    const ready = [persona, servedModel('one')];
    let panes: readonly Pane[] = [newPane('someone', 0.8)];
    for (let count = 0; count < 3; count += 1) panes = addPane(panes, ready);
    expect(panes.map(({ model, temperature }) => [model, temperature])).toEqual([
      ['someone', 0.8],
      ['someone@0', 0.8],
      ['one', 0.8],
      ['one', 0],
    ]);
    expect(panes.map((pane) => canAsk(pane, ready))).toEqual([true, true, true, true]);
    expect(canAsk(newPane('two@0.5', 0), ready)).toBe(false);
  });
});
