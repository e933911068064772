import { createContext } from 'svelte';
import type { InjectionSet } from '../core/injections.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Engine } from '../core/ports/engine.ts';
import type { Store } from '../core/ports/store.ts';
import type { ReportSource } from '../findings/report/reportStream.ts';
import type { ResultsSource } from '../findings/results/resultsStream.ts';
import type { FindRecording } from '../core/recordings.ts';
import type { Router } from './router.svelte.ts';
import type { CheckpointsState } from './state/checkpointsState.svelte.ts';
import type { ChatsState } from './state/chatsState.svelte.ts';
import type { EnginesState } from './state/enginesState.svelte.ts';
import type { FileImporter } from './state/fileImporter.ts';
import type { JudgeSource } from './state/judgeSource.ts';
import type { KeysState } from './state/keysState.svelte.ts';
import type { ModelsState } from './state/modelsState.svelte.ts';
import type { GpuReporter } from './state/preflight/talkChecks.ts';
import type { ReplaysState } from './state/replaysState.svelte.ts';
import type { OfflineState } from './state/offlineState.svelte.ts';
import type { RunState } from './state/runState.svelte.ts';
import type { JudgePreset, SettingsState } from './state/settingsState.svelte.ts';
import type { SuitesState } from './state/suitesState.svelte.ts';
import type { TalksState } from './state/talksState.svelte.ts';

/** What main.ts hands to every page. */
export interface AppContext {
  readonly router: Router;
  readonly store: Store;
  /** Why the browser stores nothing, as a sentence; `store` then lives as long as the page. Null when all is well. */
  readonly storeProblem: string | null;
  /** Asks the browser never to evict what is stored; true when it promises so. */
  readonly requestPersistence: () => Promise<boolean>;
  readonly importFile: FileImporter;
  /** Told by pages from which people go on to results. */
  readonly startReader: () => void;
  readonly report: ReportSource;
  readonly results: ResultsSource;
  readonly clock: Clock;
  readonly engines: EnginesState;
  /** An engine that gives one model's recordings again. Whoever opens it disposes it. */
  readonly openRecorded: (find: FindRecording) => Engine;
  readonly replays: ReplaysState;
  readonly models: ModelsState;
  readonly checkpoints: CheckpointsState;
  readonly offline: OfflineState;
  readonly chats: ChatsState;
  readonly suites: SuitesState;
  readonly settings: SettingsState;
  readonly keys: KeysState;
  readonly judges: JudgeSource;
  readonly runs: RunState;
  readonly talks: TalksState;
  readonly reportGpu: GpuReporter;
  readonly loadJudgePresets: () => Promise<readonly JudgePreset[]>;
  readonly loadInjections: () => Promise<InjectionSet>;
}

/** `getApp` throws where no context was set: a page outside App, or a test that forgot it. */
export const [getApp, setApp] = createContext<AppContext>();
