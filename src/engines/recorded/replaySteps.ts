import type { Recording } from '../../core/recordings.ts';

/** What can be seen from a moment on. */
export interface ReplayStep {
  /** Since the request. */
  readonly atMs: number;
  /** Length of the visible text, in UTF-16 units. */
  readonly end: number;
}

/**
 * One step for each token. Times that are not stored are spread evenly over the duration, and ends over the text, at the
 * borders of words. The last step shows all of the text.
 */
export function replaySteps(recording: Recording): readonly ReplayStep[] {
  const { text, tokens, durationMs, tokenTimesMs = [], tokenEnds = [] } = recording;
  const count = tokenTimesMs.length || Math.min(tokens || 1, text.length);
  const times = tokenTimesMs.length > 0 ? tokenTimesMs : spread(count, durationMs);
  // Files come from anywhere: ends without their times say nothing.
  const ends = tokenEnds.length === count ? tokenEnds : wordEnds(text, count);
  let end = 0;
  return times.map((atMs, index) => {
    end = index === count - 1 ? text.length : Math.max(end, Math.min(ends[index] ?? 0, text.length));
    return { atMs, end };
  });
}

function spread(count: number, whole: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => (whole * (index + 1)) / count);
}

function wordEnds(text: string, count: number): readonly number[] {
  const borders = [...new Intl.Segmenter(undefined, { granularity: 'word' }).segment(text)].map(
    ({ index }) => index,
  );
  let border = 0;
  return spread(count, text.length).map((end) => {
    while ((borders[border + 1] ?? text.length + 1) <= end) border += 1;
    return borders[border] ?? 0;
  });
}
