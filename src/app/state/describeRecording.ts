import type { Recording } from '../../core/recordings.ts';
import { deviceName } from './describeLoad.ts';

const dates = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** When, where and how fast a recording was made, as far as that is stored: "28 Nov 2026, CPU, 34 tokens/s". */
export function describeRecording({ recordedAt, device, tokens, durationMs }: Recording): string {
  const speed = durationMs > 0 ? [`${Math.round(tokens / (durationMs / 1000))} tokens/s`] : [];
  const place = device === null ? [] : [deviceName({ device })];
  return [dates.format(new Date(recordedAt)), ...place, ...speed].join(', ');
}
