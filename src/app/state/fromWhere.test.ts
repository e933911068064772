import { describe, expect, it } from 'vitest';
import type { Recording } from '../../core/recordings.ts';
import { fromWhere } from './fromWhere.ts';

const recording: Recording = {
  ...{ text: 'I am Maria.', finish: 'stop', tokens: 3, durationMs: 300, promptTokens: 9, device: 'webgpu' },
  ...{ recordedAt: '2026-11-28T12:00:00.000Z', tokenTimesMs: [100, 250, 300], tokenEnds: [1, 4, 11] },
};

describe('a recording that goes on', () => {
  it.each([
    ['', [100, 250, 300]],
    ['I', [0, 150, 200]],
    ['I am', [0, 0, 50]],
    ['I am Mar', [0, 0, 50]],
    ['I am Maria.', [0, 0, 0]],
    ['I was', [100, 250, 300]],
  ])('after %j says its next token when it would', (said, times) => {
    expect(fromWhere(recording, said)).toEqual({ ...recording, tokenTimesMs: times });
  });

  it('begins anew where the place of each token is not known', () => {
    const { tokenEnds, ...older } = recording;
    expect(tokenEnds).toHaveLength(3);
    expect(fromWhere(older, 'I am')).toEqual(older);
  });
});
