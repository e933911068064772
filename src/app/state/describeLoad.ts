import type { EngineFacts, LoadProgress } from '../../core/ports/engine.ts';
import type { ModelCard } from '../../core/model.ts';

const labels: Readonly<Record<LoadProgress['phase'], string>> = {
  download: 'Fetching the model',
  compile: 'Preparing the model',
  check: 'Checking the model on this device',
};

/** A load for people; `value` is from 0 to 1, null while nobody knows. */
export interface LoadDescription {
  readonly label: string;
  readonly value: number | null;
  readonly detail: string | undefined;
}

export function describeLoad(progress: LoadProgress | null): LoadDescription {
  if (!progress) return { label: 'Starting', value: null, detail: undefined };
  const { phase, loadedBytes, totalBytes, seconds } = progress;
  const time = seconds === undefined ? '' : `${seconds} s`;
  // Of what comes after the last byte, nobody knows how long it takes.
  const isCounted = totalBytes > 0 && (phase === 'download' || loadedBytes < totalBytes);
  if (!isCounted) return { label: labels[phase], value: null, detail: time || undefined };
  const detail = `${megabytes(loadedBytes)} of ${megabytes(totalBytes)} MB`;
  return {
    label: labels[phase],
    value: loadedBytes / totalBytes,
    detail: time ? `${detail}, ${time}` : detail,
  };
}

/** What there is to fetch for a card, in bytes; null for a served model. */
export function bytesOf(card: ModelCard): number | null {
  if (card.engine === 'webllm') return card.variants[0]?.bytes ?? null;
  return card.engine === 'transformers' ? card.files.reduce((sum, { bytes }) => sum + bytes, 0) : null;
}

/** Where a loaded model computes, for people. */
export function deviceName({ device }: Pick<EngineFacts, 'device'>): string {
  const names: Readonly<Record<string, string>> = { wasm: 'CPU', cpu: 'CPU', webgpu: 'GPU' };
  return names[device] ?? device;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
