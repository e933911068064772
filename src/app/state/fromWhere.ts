import type { Recording } from '../../core/recordings.ts';

/**
 * A recording whose beginning is said already goes on from there, as after the loss of a model that was saying the same:
 * its times begin at the next token. Said otherwise, or recorded without the place of each token, it begins anew.
 */
export function fromWhere(recording: Recording, said: string): Recording {
  const { text, tokenEnds = [], tokenTimesMs = [] } = recording;
  if (said === '' || !text.startsWith(said) || tokenEnds.length !== tokenTimesMs.length) return recording;
  const next = tokenEnds.findIndex((end) => end > said.length);
  const saidMs = tokenTimesMs[(next === -1 ? tokenTimesMs.length : next) - 1] ?? 0;
  return { ...recording, tokenTimesMs: tokenTimesMs.map((ms) => Math.max(0, ms - saidMs)) };
}
