import {
  AutoModelForCausalLM,
  AutoTokenizer,
  type PretrainedModelOptions,
  type PreTrainedTokenizer,
} from '@huggingface/transformers';
import type { TransformersCard } from '../../core/model.ts';
import { Batcher } from '../batching/batcher.ts';
import type { PromptFormat } from '../batching/promptFormat.ts';
import { ForwardModel } from './forwardModel.ts';
import { ForwardRows } from './forwardRows.ts';
import { runSelfTest, selfTestSchema } from './selfTest.ts';
import { startByteDecoding, tokenBytes } from './tokenBytes.ts';

export type LocalDevice = 'wasm' | 'webgpu' | 'cpu';

/** The self-test of a model, relative to its folder. */
export const selfTestPath = 'selftest.json';

// A one-shot prefill of 32 tokens gave wrong logits on WebGPU (SwiftShader, onnxruntime-web 1.31), with the
// same graph that is right elsewhere; up to 16 it is right. CPUs gain nothing from more than 32 rows.
const chunkTokens = { webgpu: 16, wasm: 32, cpu: 32 } as const;

// The steps of a batch differ by at most 1e-3 from the reference on CPUs and SwiftShader; a wrong kernel is
// off by whole units. GPUs may round more coarsely.
const tolerance = 0.05;

export interface OpenedModel {
  readonly model: ForwardModel;
  readonly format: PromptFormat;
  readonly chunk: number;
  readonly device: LocalDevice;
}

type SessionOptions = NonNullable<PretrainedModelOptions['session_options']>;

/** Loads tokenizer and graph from where transformers.js has been told to look. */
export async function openModel(
  card: TransformersCard,
  device: LocalDevice,
  sessionOptions: SessionOptions = {},
): Promise<OpenedModel> {
  const tokenizer = await AutoTokenizer.from_pretrained(card.folder);
  const slash = card.graph.lastIndexOf('/');
  const model = await AutoModelForCausalLM.from_pretrained(card.folder, {
    device,
    // The graph holds its own number formats; fp32 only means a file name without a suffix.
    dtype: 'fp32',
    subfolder: card.graph.slice(0, Math.max(0, slash)),
    model_file_name: card.graph.slice(slash + 1).replace(/\.onnx$/, ''),
    session_options: { ...sessionOptions, extra: withFolding(sessionOptions) },
  });
  const adapters = card.adapters.map(({ id }) => id);
  return {
    model: new ForwardModel(model, adapters.length),
    format: { ...readPrompts(tokenizer), contextTokens: card.contextTokens, adapterIds: adapters },
    chunk: chunkTokens[device],
    device,
  };
}

/** Without this option the weights would be expanded at every step instead of once at load. */
function withFolding({ extra }: SessionOptions): Record<string, unknown> {
  const session = (extra as { session?: object } | undefined)?.session;
  return { ...extra, session: { ...session, disable_quant_qdq: '1' } };
}

function readPrompts(
  tokenizer: PreTrainedTokenizer,
): Pick<PromptFormat, 'encode' | 'encodeText' | 'startDecoding' | 'stopTexts' | 'endTokens'> {
  const bytes = tokenBytes(tokenizer.get_vocab(), new Set(tokenizer.all_special_ids));
  return {
    encode: (messages) =>
      tokenizer.apply_chat_template([...messages], {
        add_generation_prompt: true,
        return_tensor: false,
        return_dict: false,
      }),
    encodeText: (text) => tokenizer.encode(text, { add_special_tokens: false }),
    startDecoding: () => startByteDecoding(bytes),
    stopTexts: [],
    endTokens: new Set([tokenizer.eos_token_id]),
  };
}

export function makeBatcher({ model, format, chunk }: OpenedModel, maxRows: number): Batcher {
  const { contextTokens } = format;
  return new Batcher(new ForwardRows(model, { chunk, contextTokens }), format, { maxRows });
}

/** Null when the device computes what it should, else a sentence that says how far off it is. */
export async function checkDevice(opened: OpenedModel, selfTest: unknown): Promise<string | null> {
  const { model, chunk, format, device } = opened;
  const test = selfTestSchema.parse(selfTest);
  const difference = await runSelfTest(model, test, { chunk, contextTokens: format.contextTokens });
  if (difference <= tolerance) return null;
  return `The start-up check on ${device} is off by ${difference.toPrecision(2)} (allowed: ${tolerance}).`;
}
