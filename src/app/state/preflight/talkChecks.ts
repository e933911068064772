import { sentenceOf } from '../../../core/errors.ts';
import { type ModelCard, type WebLlmCard, engineKeyOf } from '../../../core/model.ts';
import type { Store } from '../../../core/ports/store.ts';
import { countRecorded } from '../../../core/recordings.ts';
import { type Talk, planTalk } from '../../../core/talk.ts';
import type { CheckpointsState } from '../checkpointsState.svelte.ts';
import { formatBytes } from '../../../core/formatBytes.ts';
import { deviceName } from '../describeLoad.ts';
import type { EnginesState } from '../enginesState.svelte.ts';
import type { OfflineState } from '../offlineState.svelte.ts';
import type { Check, Finding } from './preflightState.svelte.ts';

/** Room for the recordings and chats of a long evening, with much to spare. */
const enoughRoomBytes = 200_000_000;
/** The families that every page is set in. */
const fontFamilies = ['Source Sans 3 Variable', 'Source Serif 4 Variable'];

/** What the GPU is and cannot do; engines/webllm/reportGpu.ts. */
export type GpuReporter = (cards: readonly WebLlmCard[]) => Promise<{
  readonly name: string;
  readonly hasF16: boolean;
  readonly refusals: readonly string[];
}>;

const ok = (text: string): Finding => ({ level: 'ok', text });

/** Whether the app and its embedded models are stored on this device. */
export function offlineCheck(offline: Pick<OfflineState, 'check' | 'complete'>): Check {
  return {
    title: 'Without a network',
    async look() {
      const { isComplete, app, models } = await offline.check();
      if (!app)
        return {
          level: 'fail',
          text: 'This browser cannot keep the app itself: it works with the network only. Use another browser, or leave private mode.',
        };
      const totalBytes = app.totalBytes + models.totalBytes;
      if (isComplete) return ok(`The app and its embedded models are stored, ${formatBytes(totalBytes)}.`);
      const missing = totalBytes - app.storedBytes - models.storedBytes;
      return {
        level: 'fail',
        text: `${formatBytes(missing)} of the app and its embedded models are not stored on this device yet.`,
        fix: { label: 'Fetch what is missing', run: () => offline.complete() },
      };
    },
  };
}

/** Whether the GPU can run the models of the talk. Models that run on the CPU do without one. */
export function gpuCheck(cards: readonly ModelCard[], reportGpu: GpuReporter): Check {
  const large = cards.filter((card) => card.engine === 'webllm');
  return {
    title: 'Graphics processor',
    async look() {
      let report;
      try {
        report = await reportGpu(large);
      } catch (error) {
        if (large.length > 0) throw error;
        return ok('None that this browser may use. The models of this talk run on the CPU.');
      }
      const { name, hasF16, refusals } = report;
      if (refusals.length > 0) return { level: 'fail', text: refusals.join(' '), fix: toModels };
      return ok(`${name}, ${hasF16 ? 'with' : 'without'} 16-bit arithmetic.${needOf(large)}`);
    },
  };
}

const toModels = { label: 'Go to models', href: '#/models' } as const;

function needOf(cards: readonly WebLlmCard[]): string {
  const needs = cards.map(({ name, variants, installed }) => {
    const used = variants.find(({ quantisation }) => quantisation === installed?.quantisation) ?? variants[0];
    return used ? `${name} needs ${formatBytes(used.memoryBytes)} of its memory` : name;
  });
  return needs.length === 0 ? '' : ` ${needs.join(', ')}; one model at a time is held.`;
}

/** Whether each file of an installed checkpoint is as it was when it came. */
export function shardsCheck(card: WebLlmCard, checkpoints: CheckpointsState): Check {
  return {
    title: `Files of ${card.name}`,
    async look() {
      if (!card.installed)
        return { level: 'fail', text: `${card.name} is not on this device.`, fix: toModels };
      await checkpoints.refresh(card);
      const before = checkpoints.statusOf(card);
      await checkpoints.verify(card);
      const status = checkpoints.statusOf(card);
      if (before.state === 'whole' && status.state === 'whole')
        return ok(`All files are here and as they should be, ${formatBytes(status.stored.bytes)}.`);
      const said = checkpoints.messageOf(card)?.text ?? 'Some files are missing.';
      return { level: 'fail', text: said, fix: toModels };
    },
  };
}

/** Whether the browser keeps what is stored, and how much more it takes. */
export function storageCheck(store: Store, requestPersistence: () => Promise<boolean>): Check {
  return {
    title: 'Storage',
    async look() {
      const { usedBytes, quotaBytes, persisted } = await store.usage();
      const room = usedBytes === null || quotaBytes === null ? null : quotaBytes - usedBytes;
      const roomText = room === null ? '' : ` There is room for ${formatBytes(room)} more.`;
      if (room !== null && room < enoughRoomBytes)
        return {
          level: 'fail',
          text: `There is room for ${formatBytes(room)} only, too little for recordings. Delete models or runs that you do not need.`,
          fix: toModels,
        };
      if (persisted === true) return ok(`The browser has promised to keep everything.${roomText}`);
      return {
        level: 'warn',
        text: `The browser may delete what is stored when the disk is short of space.${roomText}`,
        fix: { label: 'Ask it to keep everything', run: requestPersistence },
      };
    },
  };
}

/** Whether every question has a recording of every voice, to go on with when a model dies. */
export function recordingsCheck(talk: Talk, store: Store): Check {
  return {
    title: 'Recordings',
    async look() {
      const plan = planTalk(talk);
      const total = new Set(plan.map(({ key }) => key)).size;
      const recorded = await countRecorded(store, plan);
      if (recorded === total) return ok(`All ${total} answers are recorded.`);
      return {
        level: 'warn',
        text: `${recorded} of ${total} answers are recorded. What is not recorded has to be generated on stage.`,
        fix: { label: 'Go to the talk', href: '#/stage' },
      };
    },
  };
}

/** Whether the screen can be kept awake. */
export function wakeLockCheck(wakeLock: WakeLock | undefined): Check {
  const advice = 'Switch off sleep in the settings of this computer before the talk.';
  return {
    title: 'Screen',
    async look() {
      if (!wakeLock) return { level: 'warn', text: `This browser cannot keep the screen awake. ${advice}` };
      try {
        const lock = await wakeLock.request('screen');
        await lock.release();
        return ok('It stays awake while you are on stage.');
      } catch (error) {
        return { level: 'warn', text: `The screen cannot be kept awake (${sentenceOf(error)}). ${advice}` };
      }
    },
  };
}

/** Whether the app's own fonts are loaded, so that nothing is set anew when the network is gone. */
export function fontsCheck(fonts: FontFaceSet): Check {
  return {
    title: 'Fonts',
    async look() {
      const faces = fontFamilies.flatMap((family) => [`400 28px "${family}"`, `600 28px "${family}"`]);
      const loaded = await Promise.all(faces.map((face) => fonts.load(face)));
      const missing = fontFamilies.filter((_, family) => loaded[family * 2]?.length === 0);
      if (missing.length === 0) return ok('The fonts are here.');
      return {
        level: 'warn',
        text: `${missing.join(' and ')} did not load. Reload the page with a network.`,
      };
    },
  };
}

/** Whether a model answers, and how fast: twenty tokens. */
export function warmUpCheck(card: ModelCard, engines: EnginesState): Check {
  return {
    title: card.name,
    async look({ signal }) {
      const engine = await engines.open(card);
      await engine.load({ signal });
      await engines.warmUp(card);
      const status = engines.statusOf(card);
      if (status.state === 'failed') return { level: 'fail', text: status.error, fix: toModels };
      const speed = status.state === 'ready' ? status.tokensPerSecond : null;
      const device = status.state === 'ready' ? ` on the ${deviceName(status.facts)}` : '';
      const notes = status.state === 'ready' ? status.facts.notes.map((note) => ` ${note}`).join('') : '';
      return ok(`Answers${device}${speed === null ? '' : `, ${Math.round(speed)} tokens/s`}.${notes}`);
    },
  };
}

/** The first card for each set of weights: positions of a dial share their engine. */
export function cardsOfEngines(cards: readonly ModelCard[]): ModelCard[] {
  const keys = cards.map(engineKeyOf);
  return cards.filter((_, place) => keys.indexOf(keys[place] ?? '') === place);
}
