/**
 * The logits with every token of `seen` made less likely, or more where `penalty` is below 1, as Hugging Face's
 * RepetitionPenaltyLogitsProcessor has it. A copy: rows with one prompt share its logits.
 */
export function penaliseRepeats(
  logits: Float32Array,
  seen: ReadonlySet<number>,
  penalty: number,
): Float32Array {
  const penalised = logits.slice();
  for (const token of seen) {
    const logit = logits[token] as number;
    penalised[token] = logit > 0 ? logit / penalty : logit * penalty;
  }
  return penalised;
}
