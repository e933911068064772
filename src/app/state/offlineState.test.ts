import { describe, expect, it, vi } from 'vitest';
import { LockedError } from '../../core/errors.ts';
import type { OfflineFiles, OfflineStatus, OfflineWorker } from '../../core/offline.ts';
import { describeOffline } from './describeOffline.ts';
import { OfflineState } from './offlineState.svelte.ts';

/** Files of 10 bytes each, of which the named ones are missing until they are fetched. */
function filesOf(paths: readonly string[], missing: readonly string[]): OfflineFiles {
  const absent = new Set(missing);
  return {
    list: () => Promise.resolve(paths.map((path) => ({ path, bytes: 10, isStored: !absent.has(path) }))),
    fetch({ path }, { onProgress } = {}) {
      if (path === 'broken') return Promise.reject(new Error('The file broken could not be fetched.'));
      onProgress?.(10);
      absent.delete(path);
      return Promise.resolve();
    },
  };
}

function setUp({ models = ['m1', 'm2'], statuses = [{ state: 'ready' }] as OfflineStatus[] } = {}) {
  let tell: (status: OfflineStatus) => void = () => undefined;
  const activate = vi.fn<() => Promise<void>>(() => Promise.resolve());
  const worker: OfflineWorker = {
    start(onStatus) {
      tell = onStatus;
      statuses.splice(0, 1).forEach(onStatus);
      return Promise.resolve();
    },
    activate: () => activate(),
  };
  const reload = vi.fn<() => void>();
  const app = filesOf(['index.html', 'chat.js'], ['chat.js']);
  const state = new OfflineState(
    () => Promise.resolve({ worker, app, models: filesOf(models, models) }),
    reload,
  );
  return { state, activate, reload, tell: (status: OfflineStatus) => tell(status) };
}

describe('OfflineState', () => {
  it('tells what is missing, and stores it', async () => {
    const { state } = setUp();
    await state.start();
    const before = await state.check();
    expect(before.isComplete).toBe(false);
    expect(before.app).toMatchObject({ storedBytes: 10, totalBytes: 20 });
    expect(before.models.missing.map(({ path }) => path)).toEqual(['m1', 'm2']);
    const seen: number[] = [];
    const after = await state.complete({ onProgress: ({ doneBytes }) => seen.push(doneBytes) });
    expect(after.isComplete).toBe(true);
    expect([Math.min(...seen), Math.max(...seen)]).toEqual([0, 30]);
    expect(state.progress).toBeNull();
  });

  it('keeps what came before a failure', async () => {
    const { state } = setUp({ models: ['m1', 'broken'] });
    await state.start();
    await expect(state.complete()).rejects.toThrow('The file broken could not be fetched.');
    expect((await state.check()).models.missing.map(({ path }) => path)).toEqual(['broken']);
  });

  it('waits for the installation, and can be stopped there', async () => {
    const { state, tell } = setUp({
      statuses: [{ state: 'installing', doneBytes: 0, totalBytes: null }],
    });
    await state.start();
    const controller = new AbortController();
    const stopped = state.complete({ signal: controller.signal });
    controller.abort();
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    const work = state.complete();
    await Promise.resolve();
    tell({ state: 'ready' });
    expect((await work).isComplete).toBe(true);
  });

  it('installs again after a failure', async () => {
    const { state } = setUp({ statuses: [{ state: 'failed', error: 'No network.' }, { state: 'ready' }] });
    await state.start();
    expect((await state.check()).isComplete).toBe(false);
    expect((await state.complete()).isComplete).toBe(true);
  });

  it('says why the app cannot be kept', async () => {
    const { state } = setUp({ statuses: [{ state: 'unsupported', reason: 'Not here.' }] });
    await state.start();
    expect((await state.check()).app).toBeNull();
    expect(describeOffline(state.state, state.report)).toBe('Not here.');
    await expect(state.complete()).rejects.toThrow('Not here.');
  });

  it('reloads for a new version only when it was put into use', async () => {
    const { state, activate, reload } = setUp();
    await state.start();
    activate.mockRejectedValueOnce(new LockedError('Another tab.'));
    await expect(state.update()).rejects.toThrow('Another tab.');
    expect(reload).not.toHaveBeenCalled();
    await state.update();
    expect(reload).toHaveBeenCalledOnce();
  });

  it('has a failed state when its code cannot be fetched', async () => {
    const state = new OfflineState(() => Promise.reject(new Error('No chunk.')), vi.fn());
    await state.start();
    expect(state.state).toEqual({ state: 'failed', error: 'No chunk.' });
  });
});
