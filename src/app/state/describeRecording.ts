import type { Recording } from '../../core/recordings.ts';
import { deviceName } from './describeLoad.ts';

const dates = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** When, where and how fast a recording was made, as far as that is stored: "28 Nov 2026, CPU, 34 tokens/s". */
export function describeRecording({ recordedAt, device, tokens, durationMs }: Recording): string {
  const speed = tokens / (durationMs / 1000);
  const pace = durationMs > 0 ? [`${speed.toFixed(speed < 10 ? 1 : 0)} tokens/s`] : [];
  const place = device === null ? [] : [deviceName({ device })];
  return [dates.format(new Date(recordedAt)), ...place, ...pace].join(', ');
}
