import { describe, expect, it } from 'vitest';
import { modelCardSchema } from '../../core/model.ts';
import { servedModel } from '../../core/testing/exampleRun.ts';
import { chatAskings } from './chatAskings.ts';
import { defaultSettings } from './settingsState.svelte.ts';

const persona = modelCardSchema.parse({
  ...{ engine: 'transformers', id: 'someone', name: 'Someone', persona: 'Someone', base: 'Base' },
  ...{ licence: null, folder: 'a', graph: 'b.onnx', contextTokens: 100 },
  files: [{ path: 'b.onnx', bytes: 1, sha256: '0'.repeat(64) }],
  adapters: [{ id: 'persona', scale: 1 }],
});
const settings = { ...defaultSettings.chat, seed: 7 };

describe('chatAskings', () => {
  it('asks a persona and its base with the same seed', () => {
    const asked = chatAskings(persona, { ...settings, dial: 0.5 });
    expect(asked.map(({ card, seed }) => [card.id, seed])).toEqual([
      ['someone@0.5', 7],
      ['someone@0', 7],
    ]);
  });

  it('asks once where there is no base to stand beside, or it is not wanted', () => {
    const idsOf = (asked: ReturnType<typeof chatAskings>) => asked.map(({ card }) => card.id);
    expect(idsOf(chatAskings(persona, { ...settings, dial: 0 }))).toEqual(['someone@0']);
    expect(idsOf(chatAskings(persona, { ...settings, isBesideBase: false }))).toEqual(['someone']);
    expect(idsOf(chatAskings(servedModel('one'), { ...settings, dial: 0.5 }))).toEqual(['one']);
  });

  it('asks eight times with seeds that follow one another, without the base', () => {
    const asked = chatAskings(persona, { ...settings, seed: 0xffffffff }, { times: 8 });
    expect(asked.map(({ seed }) => seed)).toEqual([0xffffffff, 0, 1, 2, 3, 4, 5, 6]);
    expect(new Set(asked.map(({ card }) => card.id)).size).toBe(1);
  });
});
