import { DynamicCache, Tensor, type PreTrainedModel } from '@huggingface/transformers';
import type { CacheShape, KeyValues } from './keyValues.ts';

/** The keys and values of a batch where the device keeps them. */
export interface Past {
  readonly rows: number;
  readonly width: number;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

export interface ForwardInput {
  /** New token ids, [rows, new tokens]. */
  readonly tokens: readonly number[];
  readonly rows: number;
  /** Positions of each row that are hidden at its left end. */
  readonly pads: readonly number[];
  readonly past: Past | null;
  /** Adapter strengths, [rows, adapters]; empty when the graph has none. */
  readonly scales: readonly number[];
}

export interface ForwardOutput {
  /** After the last position of every row, [rows, vocabulary]. */
  readonly logits: Float32Array;
  readonly vocabulary: number;
  readonly past: Past;
}

interface LlamaConfig {
  readonly num_hidden_layers: number;
  readonly num_key_value_heads: number;
  readonly head_dim: number;
  readonly rope_theta: number;
}

/** One forward pass of the graph, with plain arrays on this side of it. */
export class ForwardModel {
  readonly shape: CacheShape;
  /** Live adapters of the graph, 0 when it has none. */
  readonly adapters: number;
  readonly #model: PreTrainedModel;

  constructor(model: PreTrainedModel, adapters: number) {
    const config = model.config as unknown as LlamaConfig;
    this.#model = model;
    this.adapters = adapters;
    this.shape = {
      layers: config.num_hidden_layers,
      heads: config.num_key_value_heads,
      headSize: config.head_dim,
      ropeTheta: config.rope_theta,
    };
  }

  /** Uses up `past`: it cannot be given twice, nor read afterwards. */
  async forward({ tokens, rows, pads, past, scales }: ForwardInput): Promise<ForwardOutput> {
    const fresh = tokens.length / rows;
    const width = (past?.width ?? 0) + fresh;
    const outputs = (await this.#model.forward({
      input_ids: new Tensor('int64', BigInt64Array.from(tokens, BigInt), [rows, fresh]),
      attention_mask: new Tensor('int64', attentionMask(pads, width), [rows, width]),
      num_logits_to_keep: new Tensor('int64', BigInt64Array.of(1n), []),
      past_key_values: past && new DynamicCache({ ...past.tensors }),
      ...(this.adapters > 0 && {
        lora_scale: new Tensor('float32', Float32Array.from(scales), [rows, this.adapters]),
      }),
    })) as Record<string, Tensor>;
    if (past) disposePast(past);
    const tensors: Record<string, Tensor> = {};
    for (const [name, tensor] of Object.entries(outputs)) {
      if (name.startsWith('present')) tensors[name.replace('present', 'past_key_values')] = tensor;
    }
    const logits = outputs.logits as Tensor;
    return {
      logits: logits.data as Float32Array,
      vocabulary: logits.dims.at(-1) as number,
      past: { rows, width, tensors },
    };
  }

  /** The arrays behind a past: the device's own memory on a CPU, a copy on a GPU. */
  async read({ rows, width, tensors }: Past): Promise<KeyValues> {
    const arrays: Float32Array[] = [];
    for (const name of this.#names()) {
      const { ort_tensor: tensor } = tensors[name] as Tensor;
      arrays.push((await tensor.getData()) as Float32Array);
    }
    return { rows, width, arrays };
  }

  /** A past over the given arrays, which it does not copy. */
  write({ rows, width, arrays }: KeyValues): Past {
    const { heads, headSize } = this.shape;
    const tensors: Record<string, Tensor> = {};
    this.#names().forEach((name, index) => {
      tensors[name] = new Tensor('float32', arrays[index] as Float32Array, [rows, heads, width, headSize]);
    });
    return { rows, width, tensors };
  }

  async dispose(): Promise<void> {
    await this.#model.dispose();
  }

  #names(): string[] {
    return Array.from({ length: this.shape.layers }, (_, layer) => [
      `past_key_values.${layer}.key`,
      `past_key_values.${layer}.value`,
    ]).flat();
  }
}

/** Frees GPU buffers; the garbage collector does not see them. */
export function disposePast({ tensors }: Past): void {
  for (const tensor of Object.values(tensors)) if (tensor.location === 'gpu-buffer') tensor.dispose();
}

function attentionMask(pads: readonly number[], width: number): BigInt64Array {
  const mask = new BigInt64Array(pads.length * width).fill(1n);
  pads.forEach((pad, row) => mask.fill(0n, row * width, row * width + pad));
  return mask;
}
