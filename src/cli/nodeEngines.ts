import { EngineError } from '../core/errors.ts';
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
    async webllm(card) {
      throw new EngineError(
        `${card.name} runs on WebGPU, which only browsers have. Open the app with npm start, or serve the model ` +
          'and give its address with --base-url.',
      );
    },
    async openai(card) {
      const { OpenAiEngine } = await import('../engines/openai/openAiEngine.ts');
      return new OpenAiEngine(card, { apiKey: readApiKey(apiKeyEnv) });
    },
  };
}
