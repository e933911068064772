import type { EngineMakers } from '../engines/engineRegistry.ts';
import { readApiKey } from './apiKey.ts';
import { modelsFolder } from './catalogue.ts';

/** The command line's engines, each loaded when it is first needed. */
export function nodeEngines(apiKeyEnv: string | undefined): EngineMakers {
  return {
    async transformers(card) {
      const { NodeEngine } = await import('../engines/transformers/nodeEngine.ts');
      return new NodeEngine(card, { modelsFolder });
    },
    async openai(card) {
      const { OpenAiEngine } = await import('../engines/openai/openAiEngine.ts');
      return new OpenAiEngine(card, { apiKey: readApiKey(apiKeyEnv) });
    },
  };
}
