import { afterEach, describe, expect, it } from 'vitest';
import { EngineError, EngineLostError } from '../core/errors.ts';
import { serveLink, WorkerLink, type LinkEndpoint, type LinkHandlers } from './workerLink.ts';

type Calls = {
  double: { params: number; event: number; result: number };
  wait: { params: null; event: never; result: string };
  fail: { params: string; event: never; result: never };
};

const open: MessagePort[] = [];
let stopped = 0;

const handlers: LinkHandlers<Calls> = {
  double: async (value, { emit }) => {
    emit(value);
    await new Promise((resolve) => setTimeout(resolve, value));
    return 2 * value;
  },
  wait: (_, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        stopped++;
        reject(signal.reason as Error);
      });
    }),
  fail: async (message) => {
    throw message === 'lost' ? new EngineLostError(message) : new EngineError(message);
  },
};

function connect() {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  serveLink<Calls>(port2, handlers);
  return { link: new WorkerLink<Calls>(port1), port: port1, farPort: port2 };
}

afterEach(() => {
  for (const port of open.splice(0)) port.close();
  stopped = 0;
});

describe('WorkerLink', () => {
  it('matches results and progress to their calls, whatever the order of the answers', async () => {
    const { link } = connect();
    const events: number[][] = [[], []];
    const slow = link.call('double', 30, { onEvent: (event) => events[0]?.push(event) });
    const fast = link.call('double', 1, { onEvent: (event) => events[1]?.push(event) });
    expect(await Promise.all([slow, fast])).toEqual([60, 2]);
    expect(events).toEqual([[30], [1]]);
  });

  it('gives back the class of an error', async () => {
    const { link } = connect();
    const failure = link.call('fail', 'The prompt is too long.');
    await expect(failure).rejects.toBeInstanceOf(EngineError);
    await expect(failure).rejects.toThrow('The prompt is too long.');
    expect(await link.call('double', 1)).toBe(2);
  });

  it('rejects an aborted call at once and stops the work', async () => {
    const { link } = connect();
    const controller = new AbortController();
    const waiting = link.call('wait', null, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(await link.call('double', 1)).toBe(2);
    expect(stopped).toBe(1);
    await expect(link.call('double', 1, { signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('rejects everything in flight when the worker crashes, and every later call', async () => {
    const { link, port } = connect();
    const calls = [link.call('wait', null), link.call('wait', null)];
    port.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' }));
    for (const call of [...calls, link.call('double', 1)]) {
      await expect(call).rejects.toBeInstanceOf(EngineLostError);
      await expect(call).rejects.toThrow('out of memory');
    }
  });

  it('takes an engine that reports itself lost as lost', async () => {
    const { link } = connect();
    const waiting = link.call('wait', null);
    await expect(link.call('fail', 'lost')).rejects.toBeInstanceOf(EngineLostError);
    await expect(waiting).rejects.toBeInstanceOf(EngineLostError);
  });

  it('terminates the worker on dispose', async () => {
    let terminated = false;
    const { port1 } = new MessageChannel();
    open.push(port1);
    const endpoint = Object.assign(port1 as LinkEndpoint, { terminate: () => (terminated = true) });
    const link = new WorkerLink<Calls>(endpoint);
    const waiting = link.call('wait', null);
    link.dispose();
    await expect(waiting).rejects.toBeInstanceOf(EngineLostError);
    expect(terminated).toBe(true);
  });
});
