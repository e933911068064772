import type { Attachment } from 'svelte/attachments';

/** Part of what is left to scroll, in one frame: a line takes about half a second. */
const partOfFrame = 0.08;
/** Closer to the end than this counts as being there: less than a line. */
const slackPx = 24;

/** Lets a text that grows beyond its box rise smoothly, as a prompter does, unless someone has scrolled back in it. */
export const followEnd: Attachment<HTMLElement> = (scroller) => {
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  let frame = 0;
  let isFollowing = true;
  const left = (): number => scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
  const rise = (): void => {
    const rest = left();
    const step = still.matches || rest < 1 ? rest : Math.max(1, rest * partOfFrame);
    scroller.scrollTop += step;
    frame = isFollowing && rest - step >= 1 ? requestAnimationFrame(rise) : 0;
  };
  const follow = (): void => {
    if (isFollowing && frame === 0 && left() > 0) frame = requestAnimationFrame(rise);
  };
  /** Only a person's own scrolling counts. */
  const look = (): void => {
    requestAnimationFrame(() => (isFollowing = left() < slackPx));
  };
  const watch = new ResizeObserver(follow);
  for (const child of scroller.children) watch.observe(child);
  watch.observe(scroller);
  const gestures = ['wheel', 'touchmove', 'keydown'] as const;
  for (const gesture of gestures) scroller.addEventListener(gesture, look, { passive: true });
  return () => {
    watch.disconnect();
    cancelAnimationFrame(frame);
    for (const gesture of gestures) scroller.removeEventListener(gesture, look);
  };
};
