import type { Attachment } from 'svelte/attachments';

/** Lets a text area be as high as its text, in browsers that lack `field-sizing`. */
export const growWithText: Attachment<HTMLTextAreaElement> = (element) => {
  if (CSS.supports('field-sizing', 'content')) return;
  const grow = (): void => {
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight + 2}px`;
  };
  grow();
  element.addEventListener('input', grow);
  return () => element.removeEventListener('input', grow);
};
