import { letPageRun } from '../../state/readRunInSteps.ts';

let last: Promise<void> = Promise.resolve();

/** Draws after what asked before, with a turn for the page in between: a figure takes some milliseconds, and there are dozens. Returns how to call it off. */
export function drawInTurn(draw: () => void): () => void {
  let isOff = false;
  last = last.then(letPageRun).then(() => {
    if (!isOff) draw();
  });
  return () => (isOff = true);
}
