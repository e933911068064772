import './zodWithoutEval.ts';
import '@fontsource-variable/source-sans-3/wght-italic.css';
import '@fontsource-variable/source-sans-3/wght.css';
import '@fontsource-variable/source-serif-4/wght-italic.css';
import '@fontsource-variable/source-serif-4/wght.css';
import { mount } from 'svelte';
import catalogue from '../models/catalogue.json';
import { parseAddress } from './app/address.ts';
import App from './app/App.svelte';
import type { AppContext } from './app/context.ts';
import { pages } from './app/pages.ts';
import { Router } from './app/router.svelte.ts';
import { CheckpointsState } from './app/state/checkpointsState.svelte.ts';
import { ChatsState } from './app/state/chatsState.svelte.ts';
import { EnginesState } from './app/state/enginesState.svelte.ts';
import type { FileImporter } from './app/state/fileImporter.ts';
import { KeysState } from './app/state/keysState.svelte.ts';
import { isRough } from './app/state/judgeSource.ts';
import { ModelsState } from './app/state/modelsState.svelte.ts';
import { ReplaysState } from './app/state/replaysState.svelte.ts';
import { OfflineState } from './app/state/offlineState.svelte.ts';
import { RunState } from './app/state/runState.svelte.ts';
import { SettingsState } from './app/state/settingsState.svelte.ts';
import { SuitesState } from './app/state/suitesState.svelte.ts';
import { TalksState } from './app/state/talksState.svelte.ts';
import './app/styles/base.css';
import { StoreError } from './core/errors.ts';
import { type ModelCard, parseCatalogue } from './core/model.ts';
import type { OfflineFiles } from './core/offline.ts';
import { systemClock } from './core/ports/clock.ts';
import type { Engine } from './core/ports/engine.ts';
import type { Store } from './core/ports/store.ts';
import type { FindRecording } from './core/recordings.ts';
import { browserEngines } from './engines/browserEngines.ts';
import { EngineRegistry } from './engines/engineRegistry.ts';
import { RecordedEngine } from './engines/recorded/recordedEngine.ts';
import { CheckpointClient } from './engines/webllm/store/client.ts';
import { browserJudges } from './judges/browserJudges.ts';
import type { RunSources } from './reporting/protocol.ts';
import { runsInWorker } from './reporting/runsInWorker.ts';
import { importInWorker } from './stores/fileImport/importInWorker.ts';
import { IndexedDbStore } from './stores/indexedDb.ts';
import { requestPersistence } from './stores/requestPersistence.ts';

/** A page whose text is set anew when its fonts come is worse than one that comes this much later. */
const fontsAtMostMs = 400;
/** Where the embedded models' folders lie. */
const modelsUrl = './models/';

/** The browser's store; where it is blocked, one that lives as long as the page. */
async function openStore(): Promise<Pick<AppContext, 'store' | 'storeProblem'>> {
  const store = new IndexedDbStore();
  try {
    await store.keys('settings');
    return { store, storeProblem: null };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const { MemoryStore } = await import('./core/testing/memoryStore.ts');
    return { store: new MemoryStore(), storeProblem: error.message };
  }
}

/** A worker sees the browser's store; one that lives in this page is filled here. */
function importerFor(store: Store): FileImporter {
  if (store instanceof IndexedDbStore) return importInWorker;
  return async (kind, file, options) => {
    const { importFile } = await import('./core/importFile.ts');
    return importFile(store, kind, file, options);
  };
}

/** What keeps the app for use without the network; its code comes after the first load. */
function makeOffline(cards: readonly ModelCard[]): OfflineState {
  const open = async () => {
    const [{ AppFiles }, { AppWorker }] = await Promise.all([
      import('./stores/offline/appFiles.ts'),
      import('./stores/offline/appWorker.ts'),
    ]);
    const baseUrl = new URL('./', document.baseURI);
    const app = new AppFiles(baseUrl);
    // The development server has files of its own that change at any time.
    const container = import.meta.env.DEV ? undefined : navigator.serviceWorker;
    // Needed only where somebody asks what is missing.
    const modelFiles = async () => {
      const { ModelFiles } = await import('./engines/transformers/modelFiles.ts');
      const embedded = cards.filter((card) => card.engine === 'transformers');
      return new ModelFiles(embedded, new URL(modelsUrl, baseUrl));
    };
    const models: OfflineFiles = {
      list: async () => (await modelFiles()).list(),
      fetch: async (file, options) => (await modelFiles()).fetch(file, options),
    };
    return {
      app,
      worker: new AppWorker({ container, locks: navigator.locks, baseUrl, files: app }),
      models,
    };
  };
  return new OfflineState(open, () => location.reload());
}

/** As with imports. */
function sourcesFor(store: Store): RunSources {
  if (store instanceof IndexedDbStore) return runsInWorker();
  const reader = Promise.all([import('./reporting/runReader.ts'), import('./suites/index.ts')]).then(
    ([{ RunReader }, { rubrics }]) => new RunReader({ store, rubrics }),
  );
  const message = 'What reads runs could not be fetched. Reload the page.';
  const failed = { type: 'failed', name: 'Error', message } as const;
  return {
    startReader: () => undefined,
    report: (request, tell) =>
      void reader.then(
        (opened) => opened.report(request, tell),
        () => tell(failed),
      ),
    results: (request, tell) =>
      void reader.then(
        (opened) => opened.results(request, tell),
        () => tell(failed),
      ),
  };
}

/** What single pages need, fetched when they do. */
const loaders: Pick<AppContext, 'loadJudgePresets' | 'loadInjections' | 'reportGpu'> = {
  loadJudgePresets: async () => (await import('./judges/presets.ts')).judgePresets,
  loadInjections: async () => (await import('./suites/injections.ts')).injections,
  reportGpu: async (cards) => (await import('./engines/webllm/reportGpu.ts')).reportGpu(navigator.gpu, cards),
};

async function compose(): Promise<AppContext> {
  const clock = systemClock;
  const { store, storeProblem } = await openStore();
  const settings = new SettingsState(store);
  const keys = new KeysState(store);
  const cards = parseCatalogue(catalogue);
  const models = new ModelsState(cards, store);
  const suites = new SuitesState(() => import('./suites/index.ts'), store);
  // A new chat shows their questions, which index.html shows already. Where they cannot be had, the page says so.
  const questions = isNewChat() ? suites.load().catch(() => undefined) : null;
  await Promise.all([settings.load(), keys.load(), models.load(), questions]);
  const apiKeyOf = (baseUrl: string) => keys.keyFor(baseUrl);
  const makers = browserEngines({ modelsUrl, apiKeyOf });
  const engines = new EnginesState(new EngineRegistry(makers));
  const checkpoints = new CheckpointsState({
    access: new CheckpointClient(),
    find: (id) => {
      const card = models.find(id);
      return card?.engine === 'webllm' ? card : null;
    },
    setInstalled: (card, installed) => models.setInstalled(card, installed),
  });
  const chats = new ChatsState({ store, clock, openRecorded, openEngine: (card) => engines.open(card) });
  const talks = new TalksState({
    ...{ store, clock, openEngine: (card, options) => engines.open(card, options), openRecorded },
    findModel: (id) => models.findReady(id),
    voices: () => ['mini-persona', 'mini-persona@0'].flatMap((id) => models.findReady(id) ?? []),
    postPrompts: async () => {
      await suites.load();
      return suites.postPrompts;
    },
  });
  const judges = browserJudges({ apiKeyOf });
  const runs = new RunState({
    ...{ store, clock, isOnline: () => navigator.onLine, untilOnline },
    openEngine: (card, options) => engines.open(card, options),
    planBeliefs: async (run, rollouts) =>
      (await import('./reporting/readForced.ts')).planRunBeliefs(run, rollouts),
    async roughJudges() {
      const [judge] = await Promise.all([judges.rough(), suites.load()]);
      return suites.rubrics.filter(isRough).map((rubric) => ({ judge, rubric }));
    },
  });
  const [router, offline, replays] = [new Router(), makeOffline(cards), new ReplaysState(openRecorded)];
  const site = { clock, router, offline, engines, models, checkpoints, settings, keys };
  const states = { ...site, chats, suites, judges, runs, talks };
  const files = { importFile: importerFor(store), ...sourcesFor(store), requestPersistence };
  return { ...states, ...files, ...loaders, store, storeProblem, openRecorded, replays };
}

/** Not fetched when it is needed: that may be when nothing else works. */
function openRecorded(find: FindRecording): Engine {
  return new RecordedEngine({ find, clock: systemClock });
}

function isNewChat(): boolean {
  const address = parseAddress(location.hash);
  return address.page === 'chat' && address.id === null;
}

function untilOnline(signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (navigator.onLine) return resolve();
    addEventListener('online', () => resolve(), { once: true, ...(signal ? { signal } : {}) });
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

function fontsReady(): Promise<unknown> {
  const faces = ['400 1em "Source Sans 3 Variable"', '400 1em "Source Serif 4 Variable"'];
  const wait = new Promise((resolve) => setTimeout(resolve, fontsAtMostMs));
  return Promise.race([wait, Promise.all(faces.map((face) => document.fonts.load(face)))]);
}

async function start(target: HTMLElement): Promise<void> {
  // The first page comes while storage and fonts are waited for. Where it cannot be fetched, App says so.
  pages[parseAddress(location.hash).page]().catch(() => undefined);
  const [app] = await Promise.all([compose(), fontsReady()]);
  target.replaceChildren();
  mount(App, { target, props: { app } });
  // What it fetches must not come before what the first page needs.
  if (document.readyState === 'complete') void app.offline.start();
  else addEventListener('load', () => void app.offline.start(), { once: true });
}

const target = document.getElementById('app');
if (!target) throw new Error('index.html lacks the element #app.');
// Not awaited here: what the build puts beside this file would wait for it in turn, and it waits for that.
void start(target);
