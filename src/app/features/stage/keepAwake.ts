import type { Attachment } from 'svelte/attachments';

/** Whether this browser can keep the screen on. */
export const canKeepAwake = 'wakeLock' in navigator;

/** Keeps the screen on while the element is there. The browser gives the lock back with a hidden page: taken again. */
export const keepAwake: Attachment = () => {
  let lock: WakeLockSentinel | null = null;
  let isOver = false;
  const take = async (): Promise<void> => {
    if (!canKeepAwake || document.visibilityState !== 'visible') return;
    const taken = await navigator.wakeLock.request('screen');
    if (isOver) await taken.release();
    else lock = taken;
  };
  // Refused with a low battery; then the screen follows the system's settings, as it would without us.
  const attempt = (): void => void take().catch(() => undefined);
  attempt();
  document.addEventListener('visibilitychange', attempt);
  return () => {
    isOver = true;
    document.removeEventListener('visibilitychange', attempt);
    void lock?.release();
  };
};
