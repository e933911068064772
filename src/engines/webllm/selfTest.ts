import type { Pipeline } from './pipeline.ts';

/** Enough for three pages of keys and values (16 tokens each), so that parts of a prompt have to be merged. */
const testTokens = 33;
const firstPart = 11;

/**
 * How far apart the same prompt may be when it is read at once and in two parts: root of the mean squared difference
 * of the logits, over their standard deviation. A right float32 library is at 1e-5; the race of TVM's attention-merge
 * kernel gives 0.02 and more on a small model. Half precision adds up to a few hundredths over 32 layers.
 */
const tolerances = { q4f32_1: 5e-3, q4f16_1: 0.1 };

/** What the check of a loaded model found. */
export interface SelfTestResult {
  /** Of the difference, see {@link tolerances}. */
  readonly error: number;
  readonly isRight: boolean;
}

/**
 * Reads 33 tokens at once and as 11 + 22, and compares the logits: some GPUs merge the parts of a long prompt
 * wrongly. Nothing is left in the model's context.
 */
export async function testPipeline(
  pipeline: Pipeline,
  quantisation: keyof typeof tolerances,
): Promise<SelfTestResult> {
  const tokens = Array.from({ length: testTokens }, (_, index) => (7 + index * 101) % pipeline.fullVocabSize);
  const whole = await logitsAfter(pipeline, [tokens]);
  const parts = await logitsAfter(pipeline, [tokens.slice(0, firstPart), tokens.slice(firstPart)]);
  pipeline.resetChat();
  const error = relativeError(whole, parts);
  // NaN fails too.
  return { error, isRight: error <= tolerances[quantisation] };
}

async function logitsAfter(pipeline: Pipeline, parts: readonly (readonly number[])[]): Promise<Float32Array> {
  const { tvm, fullVocabSize } = pipeline;
  pipeline.resetChat();
  tvm.beginScope();
  let host;
  try {
    let logits;
    for (const part of parts) logits = await pipeline.embedAndForward([part], part.length);
    const row = tvm.empty([fullVocabSize], 'float32', tvm.cpu());
    if (logits) row.copyFrom(logits.view([fullVocabSize]));
    host = tvm.detachFromCurrentScope(row);
  } finally {
    tvm.endScope();
  }
  await pipeline.device.sync();
  const values = Float32Array.from(host.toArray());
  host.dispose();
  return values;
}

/** Root of the mean squared difference, over the standard deviation of the first. */
export function relativeError(a: Float32Array, b: Float32Array): number {
  const mean = a.reduce((sum, value) => sum + value, 0) / a.length;
  let spread = 0;
  let difference = 0;
  for (const [index, value] of a.entries()) {
    spread += (value - mean) ** 2;
    difference += (value - (b[index] ?? NaN)) ** 2;
  }
  return Math.sqrt(difference / spread);
}
