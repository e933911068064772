import { setMaxListeners } from 'node:events';
import { say } from './output.ts';

export interface Interrupt {
  /** First Ctrl-C: finish what is in flight, begin nothing new. */
  readonly pause: AbortSignal;
  /** Second Ctrl-C: give up what is in flight. */
  readonly stop: AbortSignal;
  readonly release: () => void;
}

/** Turns Ctrl-C (SIGINT) and SIGTERM into signals, so that nothing stored is ever cut off. */
export function watchInterrupt(whatIsKept: string): Interrupt {
  const pause = new AbortController();
  const stop = new AbortController();
  // Every request in flight listens; Node warns from eleven on.
  setMaxListeners(0, pause.signal, stop.signal);
  const onSignal = (): void => {
    if (pause.signal.aborted) {
      stop.abort(new DOMException('Stopped by the user.', 'AbortError'));
      return;
    }
    say(`\nFinishing what is in flight. ${whatIsKept} Press Ctrl-C again to give up what is in flight.`);
    pause.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    pause: pause.signal,
    stop: stop.signal,
    release() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
