import { describe, expect, it } from 'vitest';
import { judgeSpecSchema } from '../core/judgeSpec.ts';
import { judgePresets } from './presets.ts';

describe('judgePresets', () => {
  it('begins with the judge of the post', () => {
    expect(judgePresets[0]).toMatchObject({ baseUrl: 'https://api.openai.com/v1', model: 'gpt-5.4-mini' });
  });

  it.each(judgePresets)(
    '$id makes a judge, tells of its key and of pages',
    ({ baseUrl, model, keyUrl, note }) => {
      const spec = { kind: 'openai', baseUrl, model, temperature: 0, maxTokens: 300 };
      expect(judgeSpecSchema.parse(spec)).toEqual(spec);
      expect(keyUrl === null).toBe(baseUrl.startsWith('http://127.0.0.1:'));
      expect(note).toMatch(/page/i);
    },
  );

  it('has no id twice', () => {
    expect(new Set(judgePresets.map(({ id }) => id)).size).toBe(judgePresets.length);
  });
});
