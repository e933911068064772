/**
 * Runs in every page of the bench of opening, before the app: measures what a person waits for. Plain JavaScript, since
 * the browser gets it as it stands.
 */
(() => {
  const { Worker: RealWorker, document, location, scrollBy, requestAnimationFrame } = globalThis;
  let [reckoningMs, readingMs] = [NaN, NaN];
  globalThis.Worker = class extends RealWorker {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', ({ data }) => {
        if (data?.event?.type === 'done') ({ reckoningMs, readingMs } = data.event);
      });
    }
  };
  let longTasks = [];
  new PerformanceObserver((list) =>
    longTasks.push(...list.getEntries().map(({ duration }) => duration)),
  ).observe({ type: 'longtask' });

  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const longestTask = () => Math.max(0, ...longTasks);

  globalThis.openingProbe = {
    /** Milliseconds from the address until the element is there and painted, and the longest task of the page. */
    async open(address, selector) {
      longTasks = [];
      const startMs = performance.now();
      location.hash = address;
      while (document.querySelector(selector) === null) await nextFrame();
      await nextFrame();
      await nextFrame();
      return { ms: performance.now() - startMs, longestTaskMs: longestTask(), reckoningMs, readingMs };
    },
    /** Scrolls the page for so many frames, and gives the time between each two. */
    async scroll(frames, pxAFrame) {
      longTasks = [];
      const gaps = [];
      let beforeMs = await nextFrame();
      for (let frame = 0; frame < frames; frame += 1) {
        scrollBy({ top: pxAFrame, behavior: 'instant' });
        const nowMs = await nextFrame();
        gaps.push(nowMs - beforeMs);
        beforeMs = nowMs;
      }
      return { gaps, longestTaskMs: longestTask(), scrolledPx: globalThis.scrollY };
    },
  };
})();
