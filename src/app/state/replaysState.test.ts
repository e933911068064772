import { beforeEach, describe, expect, it } from 'vitest';
import { EngineLostError } from '../../core/errors.ts';
import type { Engine } from '../../core/ports/engine.ts';
import type { FindRecording, Recording } from '../../core/recordings.ts';
import { ScriptedEngine } from '../../core/testing/scriptedEngine.ts';
import { describeRecording } from './describeRecording.ts';
import { ReplaysState } from './replaysState.svelte.ts';

const recording: Recording = {
  ...{ text: 'I am Maria.', finish: 'stop', promptTokens: 12, tokens: 3, durationMs: 90 },
  ...{ recordedAt: '2026-11-28T12:00:00.000Z', device: 'wasm' },
};

let goOn: (() => void)[];
let disposed: number;
let replays: ReplaysState;
let broken: Error | null;

beforeEach(() => {
  goOn = [];
  disposed = 0;
  broken = null;
  replays = new ReplaysState(speaking);
});

/** An engine that says what is found word by word, each when it is let. */
function speaking(find: FindRecording): Engine {
  let text = '';
  const wait = () => new Promise<void>((resolve) => goOn.push(resolve));
  const engine = new ScriptedEngine({ script: () => broken ?? text, wait });
  return {
    load: () => engine.load(),
    async generate(request, options) {
      await engine.load();
      text = (await find(request))?.text ?? '';
      return engine.generate({ ...request, sampling: { ...request.sampling, maxTokens: 50 } }, options);
    },
    dispose: async () => void (disposed += 1),
  };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
async function step(): Promise<void> {
  await settle();
  goOn.splice(0).forEach((next) => next());
  await settle();
}

describe('replays', () => {
  it('show an answer again as it comes, and nothing any more at its end', async () => {
    const done = replays.toggle('a', recording);
    expect(replays.shownOf('a')).toBe('');
    await step();
    expect(replays.shownOf('a')).toBe('I');
    await step();
    expect(replays.shownOf('a')).toBe('I am');
    expect(replays.shownOf('b')).toBeNull();
    await step();
    await done;
    expect(replays.shownOf('a')).toBeNull();
    expect(disposed).toBe(1);
  });

  it('stop when they are pressed again, and begin anew after that', async () => {
    const first = replays.toggle('a', recording);
    await step();
    await replays.toggle('a', recording);
    expect(replays.shownOf('a')).toBeNull();
    // Begun before the first has ended: its end must not end this one.
    const second = replays.toggle('a', recording);
    await first;
    expect(replays.shownOf('a')).toBe('');
    await step();
    expect(replays.shownOf('a')).toBe('I');
    replays.stop('a');
    await second;
    expect([replays.shownOf('a'), disposed]).toEqual([null, 2]);
  });

  it('run beside one another', async () => {
    void replays.toggle('a', recording);
    await step();
    void replays.toggle('b', { ...recording, text: 'You are Emily.' });
    await step();
    expect([replays.shownOf('a'), replays.shownOf('b')]).toEqual(['I am', 'You']);
    replays.stop('a');
    await step();
    expect([replays.shownOf('a'), replays.shownOf('b')]).toEqual([null, 'You are']);
    replays.stop('b');
  });

  it('show the whole again when one fails, and tell it', async () => {
    broken = new EngineLostError('Lost.');
    await expect(replays.toggle('a', recording)).rejects.toThrow('Lost.');
    expect(replays.shownOf('a')).toBeNull();
  });
});

describe('describeRecording', () => {
  it('tells what is known', () => {
    expect(describeRecording(recording)).toBe('28 Nov 2026, CPU, 33 tokens/s');
    expect(describeRecording({ ...recording, durationMs: 1_100 })).toBe('28 Nov 2026, CPU, 2.7 tokens/s');
    expect(describeRecording({ ...recording, device: null, durationMs: 0 })).toBe('28 Nov 2026');
  });
});
