import type { Attachment } from 'svelte/attachments';

/** Closer to the end than this counts as being there: less than a line. */
const slackPx = 24;

/**
 * Keeps the end of a growing scroller in view, unless its reader has scrolled away from it. Another `key` goes to
 * the end again; null lets the scroller be.
 */
export function stickToEnd(key: string | null): Attachment<HTMLElement> | null {
  // A new function each time, since Svelte attaches anew only where the function differs.
  return key === null ? null : (scroller) => stick(scroller);
}

function stick(scroller: HTMLElement): () => void {
  let isAtEnd = true;
  const follow = (): void => {
    if (isAtEnd) scroller.scrollTop = scroller.scrollHeight;
  };
  const look = (): void => {
    isAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < slackPx;
  };
  const watch = new ResizeObserver(follow);
  watch.observe(scroller);
  for (const child of scroller.children) watch.observe(child);
  scroller.addEventListener('scroll', look, { passive: true });
  return () => {
    watch.disconnect();
    scroller.removeEventListener('scroll', look);
  };
}
