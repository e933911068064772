import type { Score } from '../../../core/parseVerdict.ts';
import type { RatedSignal } from '../../../core/rubric.ts';

/** One label that can be given, by a key or by a click. */
export interface LabelOption {
  readonly key: string;
  readonly label: string;
  /** What it means, where the rubric says so. */
  readonly text: string | null;
  readonly score: Score;
}

/** A score's described points and a choice's options by number, a flag by y and n. */
export function labelOptions(signal: RatedSignal): LabelOption[] {
  if (signal.type === 'flag') {
    return [
      { key: 'y', label: 'Yes', text: null, score: true },
      { key: 'n', label: 'No', text: null, score: false },
    ];
  }
  if (signal.type === 'choice') {
    return signal.options.map(({ id, label, text }, index) => ({
      ...{ key: String(index + 1), label, text, score: id },
    }));
  }
  return signal.anchors.map(({ at, text }, index) => ({
    ...{ key: String(index + 1), label: String(at), text, score: at },
  }));
}

export function questionOf(signal: RatedSignal): string {
  return signal.type === 'score' ? `Higher means: ${signal.higherMeans}` : signal.question;
}
