import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planAdapter } from './adapter.ts';
import { CheckpointError } from './checkpointError.ts';
import type { TensorInfo } from './tensor.ts';

function tensor(name: string, shape: readonly number[], file = 'model.safetensors'): TensorInfo {
  const values = shape.reduce((product, size) => product * size, 1);
  return { name, file, dtype: 'F32', shape, start: 0, end: 4 * values };
}

const layer = 'model.layers.0';
const [query, norm, embedding, head] = [
  `${layer}.self_attn.q_proj`,
  `${layer}.input_layernorm`,
  'model.embed_tokens',
  'lm_head',
];
const base = [
  tensor(`${embedding}.weight`, [20, 8]),
  tensor(`${query}.weight`, [16, 8]),
  tensor(`${layer}.mlp.down_proj.weight`, [8, 24]),
  tensor(`${norm}.weight`, [8]),
  tensor(`${head}.weight`, [20, 8]),
];

const part = (name: string, shape: readonly number[]) =>
  tensor(`base_model.model.${name}`, shape, 'adapter_model.safetensors');
const linear = (module: string, rows: number, columns: number, rank = 4) => [
  part(`${module}.lora_A.weight`, [rank, columns]),
  part(`${module}.lora_B.weight`, [rows, rank]),
];
const queryParts = linear(query, 16, 8);
const config = { peft_type: 'LORA', r: 4, lora_alpha: 6, target_modules: ['q_proj'] };

const plan = (changes: object = {}, tensors: readonly TensorInfo[] = queryParts, scale = 1) =>
  planAdapter({ ...config, ...changes }, tensors, base, { file: 'adapter_config.json', scale });
const strengthOf = (changes: object, tensors?: readonly TensorInfo[]) =>
  plan(changes, tensors).deltas.get(`${query}.weight`)?.scale;

describe('planAdapter', () => {
  it('finds the two factors of a weight', () => {
    const { deltas, replacements, notes, baseName } = plan(
      { base_model_name_or_path: 'a/b' },
      queryParts,
      0.5,
    );
    const [a, b] = queryParts;
    expect([...deltas]).toEqual([
      [
        `${query}.weight`,
        { a, b, scale: 0.75, rank: 4, transposed: false, magnitude: null, embedding: false },
      ],
    ]);
    expect([replacements.size, notes, baseName]).toEqual([0, [], 'a/b']);
  });

  it('takes names with the adapter in them, and without the prefix of PEFT', () => {
    const names = [`${query}.lora_A.default.weight`, `base_model.model.${query}.lora_B.default.weight`];
    const tensors = queryParts.map((some, i) => ({ ...some, name: names[i]! }));
    expect(plan({}, tensors).deltas.has(`${query}.weight`)).toBe(true);
  });

  it('computes the strength from alpha and rank, of the module itself where patterns say so', () => {
    expect(strengthOf({})).toBe(1.5);
    expect(strengthOf({ use_rslora: true })).toBe(3);
    expect(strengthOf({ alpha_pattern: { q_proj: 8, [query]: 100 } })).toBe(2);
    expect(strengthOf({ alpha_pattern: { 'layers\\.\\d+\\.self_attn\\.(q|k)_proj': 8 } })).toBe(2);
    // An end of a name, and not of a part of one; all of it, and not its beginning.
    expect(strengthOf({ alpha_pattern: { proj: 8, 'layers.0': 8, '^q_proj': 8 } })).toBe(1.5);
    expect(strengthOf({ rank_pattern: { q_proj: 2 } }, linear(query, 16, 8, 2))).toBe(3);
  });

  it('plans embeddings, turned', () => {
    const tensors = [
      part(`${embedding}.lora_embedding_A`, [4, 20]),
      part(`${embedding}.lora_embedding_B`, [8, 4]),
      part(`${embedding}.base_layer.weight`, [20, 8]),
    ];
    const { deltas, replacements } = plan({ target_modules: ['embed_tokens'] }, tensors);
    expect(deltas.get(`${embedding}.weight`)).toMatchObject({ transposed: true, embedding: true, rank: 4 });
    expect(replacements.get(`${embedding}.weight`)).toBe(tensors[2]);
  });

  it('plans what modules_to_save holds, by any ending of a name as PEFT does', () => {
    const saved = part(`${norm}.weight`, [8]);
    const { replacements, notes } = plan({ modules_to_save: ['norm'] }, [...queryParts, saved], 0.5);
    expect(replacements.get(`${norm}.weight`)).toBe(saved);
    expect(notes).toEqual([expect.stringContaining(`${norm}.weight`)]);
  });

  it('plans DoRA, and says what the scale does not act on', () => {
    const magnitude = part(`${query}.lora_magnitude_vector`, [16]);
    const { deltas, notes } = plan({ use_dora: true }, [...queryParts, magnitude], 0.5);
    expect(deltas.get(`${query}.weight`)?.magnitude).toBe(magnitude);
    expect(notes).toEqual([expect.stringContaining('DoRA')]);
  });

  it('says that fan_in_fan_out is ignored, as PEFT does', () => {
    expect(plan({ fan_in_fan_out: true }).notes).toEqual([expect.stringContaining('fan_in_fan_out')]);
  });

  it('lets pass what cannot change numbers', () => {
    const free = {
      lora_dropout: 0.1,
      inference_mode: true,
      task_type: 'CAUSAL_LM',
      init_lora_weights: 'gaussian',
    };
    expect(
      plan({ ...free, loftq_config: {}, new_field: null, exclude_modules: ['lm_head'] }).deltas.size,
    ).toBe(1);
  });
});

describe('planAdapter refuses', () => {
  it.each<[string, object, RegExp]>([
    ['another kind of adapter', { peft_type: 'IA3' }, /peft_type IA3/],
    ['biases', { bias: 'all' }, /bias "all"/],
    ['biases of LoRA', { lora_bias: true }, /lora_bias.*biases/],
    ['repeated layers', { layer_replication: [[0, 1]] }, /layer_replication.*repeats layers/],
    ['aLoRA', { alora_invocation_tokens: [1, 2] }, /alora_invocation_tokens.*aLoRA/],
    ['single tokens', { trainable_token_indices: [3] }, /trainable_token_indices/],
    ['QALoRA', { use_qalora: true }, /use_qalora/],
    ['parameters of experts', { target_parameters: ['experts.up'] }, /target_parameters/],
    [
      'PiSSA',
      { init_lora_weights: 'pissa_niter_4' },
      /pissa_niter_4.*path_initial_model_for_weight_conversion/,
    ],
    ['OLoRA', { init_lora_weights: 'olora' }, /olora/],
    ['LoftQ', { init_lora_weights: 'loftq' }, /loftq/],
    ['an unknown start', { init_lora_weights: 'magic' }, /magic.*not known/],
    ['an unknown field', { use_magic: true }, /sets use_magic.*not known/],
    ['a pattern that it cannot run', { alpha_pattern: { '(?=q)q_proj': 3 } }, /\(\?=q\)q_proj/],
    ['a config of another adapter', { r: 8 }, /lora_A.*\[4, 8\].*\[8, 8\]/],
    [
      'a module without tensors',
      { target_modules: ['q_proj', 'down_proj'] },
      /down_proj, and the adapter has no/,
    ],
    ['DoRA without magnitudes', { use_dora: true }, /no magnitudes for .*q_proj/],
    ['tensors that nothing targets', { target_modules: ['o_proj'] }, /does not target/],
  ])('%s', (_, changes, message) => {
    expect(() => plan(changes)).toThrow(CheckpointError);
    expect(() => plan(changes)).toThrow(message);
    expect(() => plan(changes)).toThrow(/adapter_(config\.json|model\.safetensors)/);
  });

  const { target_modules: _, ...untargeted } = config;
  it.each<[string, readonly TensorInfo[], RegExp]>([
    ['nothing', [], /no tensors/],
    ['half an adapter', queryParts.slice(0, 1), /no lora_B for model\.layers\.0\.self_attn\.q_proj/],
    [
      'an adapter for a base with more layers',
      linear('model.layers.7.self_attn.q_proj', 16, 8),
      /another base/,
    ],
    ['an adapter for a wider base', linear(query, 32, 16), /\[4, 16\].*\[4, 8\]/],
    ['leftovers', [...queryParts, part('router.weights', [3])], /router\.weights.*no part of a LoRA adapter/],
    ['whole weights that are not listed', [...queryParts, part(`${norm}.weight`, [8])], /modules_to_save/],
    ['a grown vocabulary', [...queryParts, part('lm_head.weight', [21, 8])], /\[20, 8\] by one of \[21, 8\]/],
    ['biases', [...queryParts, part(`${query}.lora_B.bias`, [16])], /lora_B\.bias.*no part/],
    ['an embedding as a linear layer', linear(embedding, 20, 8), /embeddings have lora_embedding_A/],
    [
      'magnitudes that DoRA is not asked for',
      [...queryParts, part(`${query}.lora_magnitude_vector`, [16])],
      /use_dora/,
    ],
    ['a factor twice', [...queryParts, part(`${query}.lora_A.default.weight`, [4, 8])], /twice/],
  ])('%s', (__, tensors, message) => {
    const work = () => planAdapter(untargeted, tensors, base, { file: 'adapter_config.json' });
    expect(work).toThrow(CheckpointError);
    expect(work).toThrow(message);
  });

  it('DoRA on an embedding, and an embedding that is also the output', () => {
    const embeddingParts = [
      part(`${embedding}.lora_embedding_A`, [4, 20]),
      part(`${embedding}.lora_embedding_B`, [8, 4]),
      part(`${embedding}.lora_magnitude_vector.weight`, [8]),
    ];
    const dora = { use_dora: true, target_modules: ['embed_tokens'] };
    expect(() => plan(dora, embeddingParts)).toThrow(/DoRA on an embedding/);
    const saved = [...queryParts, part(`${embedding}.weight`, [20, 8])];
    const tied = base.filter(({ name }) => name !== 'lm_head.weight');
    expect(() => planAdapter(config, saved, tied, { file: 'adapter_config.json' })).toThrow(
      /also uses as its output/,
    );
  });
});

describe('planAdapter, thrown anything at', () => {
  const names = fc.constantFrom(
    ...[
      'lora_A.weight',
      'lora_B.weight',
      'lora_embedding_A',
      'lora_magnitude_vector',
      'weight',
      'base_layer.weight',
    ],
  );
  const modules = fc.oneof(fc.constantFrom(query, embedding, head, norm, '', 'constructor'), fc.string());
  const tensors = fc.array(
    fc.tuple(modules, names, fc.array(fc.constantFrom(4, 8, 16, 20), { maxLength: 3 })),
    { maxLength: 5 },
  );
  const field = fc.constantFrom(
    ...[
      'r',
      'lora_alpha',
      'rank_pattern',
      'alpha_pattern',
      'target_modules',
      'exclude_modules',
      'modules_to_save',
    ],
    ...['layers_to_transform', 'layers_pattern', 'use_dora', 'init_lora_weights', '__proto__', 'bias'],
  );
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(
      ['q_proj'],
      'all-linear',
      '.*',
      '(a+)+$',
      '[',
      { q_proj: 4 },
      { '(': 2 },
      0,
      true,
    ),
  );

  it('plans or throws a CheckpointError', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(field, value), { maxLength: 4 }), tensors, (fields, some) => {
        const parts = some.map(([module, name, shape]) => part(`${module}.${name}`, shape));
        try {
          plan(Object.fromEntries(fields), [...queryParts, ...parts]);
        } catch (error) {
          expect(error).toBeInstanceOf(CheckpointError);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('reads no config as one', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(() => planAdapter(json, queryParts, base, { file: 'adapter_config.json' })).toThrow(
          CheckpointError,
        );
      }),
    );
  });
});
