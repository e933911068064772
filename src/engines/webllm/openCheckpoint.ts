import type { InitProgressReport, MLCEngine } from '@mlc-ai/web-llm';
import { z } from 'zod';
import { type MessageRules, readMessageRules } from '../../checkpoint/messageRules.ts';
import { ModelFileError, sentenceOf } from '../../core/errors.ts';
import type { WebLlmCard } from '../../core/model.ts';
import { useKeyLookups } from './keyLookups.ts';
import { type Pipeline, pipelineOf } from './pipeline.ts';
import { addressOf, libraryAddress } from './store/placeOf.ts';
import { type DeviceWatch, watchDevice } from './watchDevice.ts';

/** Version of the package, which has no member that tells it. */
export const library = '@mlc-ai/web-llm 0.2.86';

const chatConfigSchema = z.looseObject({
  conv_template: z.looseObject({
    stop_str: z.array(z.string()).default([]),
    system_prefix_token_ids: z.array(z.int()).default([]),
  }),
});

interface OpenOptions {
  /** The checkpoint's mlc-chat-config.json, parsed. */
  readonly chatConfig: unknown;
  readonly sha256: string;
  readonly librarySha256: string;
  /** Tokens of the context that web-llm keeps for itself. */
  readonly ownTokens: number;
  readonly onProgress: (report: InitProgressReport) => void;
}

export interface OpenedCheckpoint {
  readonly engine: MLCEngine;
  readonly pipeline: Pipeline;
  readonly watch: DeviceWatch;
  /** How the checkpoint wants its messages, beyond what web-llm's templates say. */
  readonly rules: MessageRules;
  /** Texts that end an answer of this model, whatever the request says. */
  readonly stopTexts: readonly string[];
}

/** Opens a stored checkpoint on the GPU. Errors: {@link ModelFileError}, {@link EngineLostError}. */
export async function openCheckpoint(card: WebLlmCard, options: OpenOptions): Promise<OpenedCheckpoint> {
  const { sha256, ownTokens } = options;
  const merged = { ...(options.chatConfig as object), ...card.chatConfig };
  const { conv_template } = chatConfigSchema.parse(merged);
  useKeyLookupsOnce();
  const { MLCEngine } = await import('@mlc-ai/web-llm');
  const record = {
    ...{ model_id: card.id, model: addressOf(sha256), model_lib: libraryAddress(options.librarySha256) },
    overrides: {
      ...card.chatConfig,
      ...{ context_window_size: ownTokens, sliding_window_size: -1 },
      // Filled by String.replace, which reads $& in what the user wrote; without them the text goes in as it is.
      // Stop texts are cut by this app, which holds back the beginning of one.
      conv_config: { role_templates: undefined, stop_str: [] },
    },
  };
  const engine = new MLCEngine({
    appConfig: { model_list: [record], cacheBackend: 'indexeddb' },
    initProgressCallback: options.onProgress,
    logLevel: 'SILENT',
  });
  const watch = watchDevice(navigator.gpu);
  await Promise.race([engine.reload(card.id), watch.failure]).catch((error: unknown) => {
    throw watch.lost ?? explainLoad(error, card);
  });
  if (watch.lost) throw watch.lost;
  const pipeline = pipelineOf(engine);
  pipeline.contextWindowSize -= conv_template.system_prefix_token_ids.length;
  return { engine, pipeline, watch, rules: readMessageRules(merged), stopTexts: conv_template.stop_str };
}

let hasKeyLookups = false;
function useKeyLookupsOnce(): void {
  if (!hasKeyLookups) useKeyLookups();
  hasKeyLookups = true;
}

function explainLoad(error: unknown, card: WebLlmCard): Error {
  return new ModelFileError(
    `${card.name} could not be loaded: ${sentenceOf(error)} The library and the checkpoint may be of different ` +
      'versions: check the files in Models, or install the model again.',
    { cause: error },
  );
}
