import { modelCardSchema, type WebLlmCard } from '../../core/model.ts';
import { AddressSource } from './store/addressSource.ts';
import { CheckpointStore } from './store/checkpointStore.ts';
import { libraryName } from './store/manifest.ts';

/** A tiny trained checkpoint, converted and compiled by this repository's own tools; see models/webllm/README.md. */
export type FixtureName = 'base' | 'persona' | 'mistral-base' | 'mistral-persona';

/** The card of a fixture, installed from a folder of the server; tests have it where it is converted to. */
export async function installFixture(
  name: FixtureName,
  contextTokens = 512,
  path = `/.cache/webllm/${name}/`,
): Promise<WebLlmCard> {
  const card = modelCardSchema.parse({
    ...{ id: `fixture-${name}`, name: `Fixture ${name}`, persona: null, base: 'Fixture', licence: null },
    ...{ engine: 'webllm', baseRepository: 'fixture', contextTokens },
    variants: [
      {
        ...{ quantisation: 'q4f32_1', folder: null, library: libraryName },
        ...{ bytes: 4e6, memoryBytes: 1e7, bufferBytes: 1e6 },
      },
    ],
  }) as WebLlmCard;
  const folder = new URL(path, document.baseURI).href;
  const source = new AddressSource(folder);
  const installed = await new CheckpointStore().install(card, source, folder);
  return { ...card, installed };
}
