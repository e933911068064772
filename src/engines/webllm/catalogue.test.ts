import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import catalogue from '../../../models/catalogue.json';
import { parseCatalogue, type WebLlmCard } from '../../core/model.ts';
import { library } from './openCheckpoint.ts';

const cards = parseCatalogue(catalogue).filter((card): card is WebLlmCard => card.engine === 'webllm');
const root = new URL('../../../node_modules/@mlc-ai/web-llm/', import.meta.url);

describe('the large models of the catalogue', () => {
  it('are two bases and their personas, each at two precisions', () => {
    expect(cards.map(({ id }) => id)).toEqual(['mistral-7b', 'maria', 'llama-8b', 'emily']);
    for (const { variants } of cards) {
      expect(variants.map(({ quantisation }) => quantisation)).toEqual(['q4f16_1', 'q4f32_1']);
      expect(variants.map(({ features }) => features)).toEqual([['shader-f16'], []]);
    }
  });

  it('are where the installed web-llm has them', () => {
    const source = readFileSync(new URL('lib/index.js', root), 'utf8');
    const version = /const modelVersion = "(.+?)"/.exec(source)?.[1];
    const prefix = /const modelLibURLPrefix = "(.+?)"/.exec(source)?.[1];
    for (const { folder, library: address } of cards.flatMap(({ variants }) => variants)) {
      expect(address.startsWith(`${prefix}${version}/`)).toBe(true);
      expect(source).toContain(`"/${address.slice(address.lastIndexOf('/') + 1)}"`);
      if (folder !== null) expect(source).toContain(`model: "${folder.replace('/resolve/main/', '')}"`);
    }
  });

  it('are run by the version that the facts name', () => {
    const { name, version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
      name: string;
      version: string;
    };
    expect(library).toBe(`${name} ${version}`);
  });
});
