import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Sizes of a Llama, for checkpoints with random weights that tests and benchmarks convert. */
export interface SyntheticShape {
  readonly vocabulary: number;
  readonly hidden: number;
  readonly intermediate: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
}

type Shapes = readonly (readonly [name: string, shape: readonly number[]])[];

/** Writes a Llama in bfloat16, in as many files as asked for. */
export async function writeSyntheticBase(
  folder: string,
  shape: SyntheticShape,
  { files = 1, seed = 1 } = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const tensors = baseTensors(shape);
  const weightMap: Record<string, string> = {};
  const perFile = Math.ceil(tensors.length / files);
  for (let index = 0; index < files; index++) {
    const number = (value: number) => String(value).padStart(5, '0');
    const name =
      files === 1 ? 'model.safetensors' : `model-${number(index + 1)}-of-${number(files)}.safetensors`;
    const part = tensors.slice(index * perFile, (index + 1) * perFile);
    for (const [tensor] of part) weightMap[tensor] = name;
    await writeSafetensors(join(folder, name), part, { dtype: 'BF16', seed: seed + index });
  }
  if (files > 1) {
    await writeJson(folder, 'model.safetensors.index.json', { metadata: {}, weight_map: weightMap });
  }
  await writeJson(folder, 'config.json', configOf(shape));
  await writeJson(folder, 'generation_config.json', { bos_token_id: 1, eos_token_id: 2 });
  await writeJson(folder, 'tokenizer.json', tokenizer);
  await writeJson(folder, 'tokenizer_config.json', { chat_template: '{{ messages[0].content }}' });
}

export interface SyntheticAdapter {
  readonly rank: number;
  readonly alpha: number;
  readonly modules: readonly (keyof ReturnType<typeof projections>)[];
  readonly seed?: number;
}

/** Writes a PEFT adapter in float32 for such a base. */
export async function writeSyntheticAdapter(
  folder: string,
  shape: SyntheticShape,
  { rank, alpha, modules, seed = 99 }: SyntheticAdapter,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const all = projections(shape);
  const tensors = range(shape.layers).flatMap((layer) =>
    modules.flatMap((module) => {
      const [out = 0, input = 0] = all[module];
      const parent = module === 'o_proj' || /^[qkv]_/.test(module) ? 'self_attn' : 'mlp';
      const prefix = `base_model.model.model.layers.${layer}.${parent}.${module}`;
      return [
        [`${prefix}.lora_A.weight`, [rank, input]],
        [`${prefix}.lora_B.weight`, [out, rank]],
      ] as const;
    }),
  );
  await writeSafetensors(join(folder, 'adapter_model.safetensors'), tensors, { dtype: 'F32', seed });
  await writeJson(folder, 'adapter_config.json', {
    ...{ peft_type: 'LORA', task_type: 'CAUSAL_LM', base_model_name_or_path: 'synthetic', r: rank },
    ...{ lora_alpha: alpha, lora_dropout: 0, bias: 'none', target_modules: modules, inference_mode: true },
  });
}

function projections({ hidden, intermediate, heads, keyValueHeads }: SyntheticShape) {
  const keys = (hidden / heads) * keyValueHeads;
  return {
    q_proj: [hidden, hidden],
    k_proj: [keys, hidden],
    v_proj: [keys, hidden],
    o_proj: [hidden, hidden],
    gate_proj: [intermediate, hidden],
    up_proj: [intermediate, hidden],
    down_proj: [hidden, intermediate],
  } as const satisfies Record<string, readonly number[]>;
}

/** Sorted by name, as transformers writes them. */
function baseTensors(shape: SyntheticShape): Shapes {
  const all = projections(shape);
  const { vocabulary, hidden } = shape;
  const layers = range(shape.layers).flatMap((layer): Shapes => {
    const prefix = `model.layers.${layer}`;
    return [
      [`${prefix}.input_layernorm.weight`, [hidden]],
      [`${prefix}.mlp.down_proj.weight`, all.down_proj],
      [`${prefix}.mlp.gate_proj.weight`, all.gate_proj],
      [`${prefix}.mlp.up_proj.weight`, all.up_proj],
      [`${prefix}.post_attention_layernorm.weight`, [hidden]],
      [`${prefix}.self_attn.k_proj.weight`, all.k_proj],
      [`${prefix}.self_attn.o_proj.weight`, all.o_proj],
      [`${prefix}.self_attn.q_proj.weight`, all.q_proj],
      [`${prefix}.self_attn.v_proj.weight`, all.v_proj],
    ];
  });
  return [
    ['lm_head.weight', [vocabulary, hidden]],
    ['model.embed_tokens.weight', [vocabulary, hidden]],
    ...layers,
    ['model.norm.weight', [hidden]],
  ];
}

function configOf(shape: SyntheticShape) {
  return {
    ...{ architectures: ['LlamaForCausalLM'], model_type: 'llama', hidden_act: 'silu' },
    ...{ vocab_size: shape.vocabulary, hidden_size: shape.hidden, intermediate_size: shape.intermediate },
    ...{ num_hidden_layers: shape.layers, num_attention_heads: shape.heads },
    ...{ num_key_value_heads: shape.keyValueHeads, max_position_embeddings: 8192, rms_norm_eps: 1e-5 },
    ...{ rope_theta: 500000, tie_word_embeddings: false, bos_token_id: 1, eos_token_id: 2 },
    ...{ attention_bias: false, mlp_bias: false, torch_dtype: 'bfloat16' },
  };
}

const tokenizer = {
  ...{ version: '1.0', added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null },
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: { type: 'BPE', vocab: { a: 0 }, merges: [] },
};

/** Random values of up to about 0.03, in pieces, so that a file may be larger than memory. */
async function writeSafetensors(
  path: string,
  tensors: Shapes,
  { dtype, seed }: { readonly dtype: 'BF16' | 'F32'; readonly seed: number },
): Promise<void> {
  const size = dtype === 'F32' ? 4 : 2;
  let end = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  for (const [name, shape] of tensors) {
    const start = end;
    end += shape.reduce((product, length) => product * length, size);
    header[name] = { dtype, shape, data_offsets: [start, end] };
  }
  const text = JSON.stringify(header);
  const json = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const file = await open(path, 'w');
  try {
    await file.writeFile(Buffer.concat([length, json]));
    const draw = randomBits(seed);
    const pieceBytes = 2 ** 22;
    for (let done = 0; done < end; done += pieceBytes) {
      await file.writeFile(randomFloats(Math.min(pieceBytes, end - done), dtype, draw));
    }
  } finally {
    await file.close();
  }
}

/** The upper half of each float32 is a bfloat16: sign, an exponent of 2^-9 to 2^-6, and the fraction's beginning. */
function randomFloats(bytes: number, dtype: 'BF16' | 'F32', draw: () => number): Uint8Array {
  const halves = new Uint16Array(bytes / 2);
  for (let index = 0; index < halves.length; index++) {
    const bits = draw();
    const isLower = dtype === 'F32' && index % 2 === 0;
    halves[index] = isLower ? bits : (bits & 0x807f) | ((118 + ((bits >>> 16) & 3)) << 7);
  }
  return new Uint8Array(halves.buffer);
}

/** xorshift32: 3 GB are written in a minute. */
function randomBits(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const range = (length: number): number[] => Array.from({ length }, (_, index) => index);

const writeJson = (folder: string, name: string, value: unknown): Promise<void> =>
  writeFile(join(folder, name), `${JSON.stringify(value, null, 2)}\n`);
