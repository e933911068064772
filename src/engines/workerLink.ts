import { EngineLostError, reviveError } from '../core/errors.ts';

/** What may be called over a link: per method its parameter, its progress event and its result. */
export type LinkCalls = Record<string, { params: unknown; event: unknown; result: unknown }>;

type ToWorker =
  | { readonly kind: 'call'; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly kind: 'abort'; readonly id: number };

type FromWorker =
  | { readonly kind: 'event'; readonly id: number; readonly event: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly name: string; readonly message: string };

/** The part of a Worker, a worker's own scope or a MessagePort that a link needs. */
export interface LinkEndpoint {
  postMessage(message: unknown): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
  /** Only a Worker has it. */
  terminate?(): void;
  /** Only a MessagePort has it. */
  start?(): void;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
  readonly onEvent: ((event: unknown) => void) | undefined;
}

/** The page's side: calls that are matched by id, report progress, can be aborted and end with the worker. */
export class WorkerLink<Calls extends LinkCalls> {
  readonly #endpoint: LinkEndpoint;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #lost: EngineLostError | null = null;

  constructor(endpoint: LinkEndpoint) {
    this.#endpoint = endpoint;
    endpoint.addEventListener('message', (event) => this.#receive((event as MessageEvent<FromWorker>).data));
    endpoint.addEventListener('error', (event) => this.#fail((event as ErrorEvent).message));
    endpoint.addEventListener('messageerror', () => this.#fail('a message could not be read'));
    endpoint.start?.();
  }

  /**
   * Errors: what the worker threw, with its class; {@link EngineLostError} when the worker is gone;
   * the signal's reason at once when it is aborted, and the worker is told to stop.
   */
  call<Method extends keyof Calls & string>(
    method: Method,
    params: Calls[Method]['params'],
    options: {
      readonly signal?: AbortSignal | undefined;
      readonly onEvent?: ((event: Calls[Method]['event']) => void) | undefined;
    } = {},
  ): Promise<Calls[Method]['result']> {
    const { signal, onEvent } = options;
    return new Promise((resolve, reject) => {
      if (this.#lost) return reject(this.#lost);
      if (signal?.aborted) return reject(signal.reason as Error);
      const id = this.#nextId++;
      const abort = () => {
        this.#pending.delete(id);
        this.#endpoint.postMessage({ kind: 'abort', id } satisfies ToWorker);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
      const settle =
        <Value>(end: (value: Value) => void) =>
        (value: Value) => {
          signal?.removeEventListener('abort', abort);
          end(value);
        };
      this.#pending.set(id, { resolve: settle(resolve), reject: settle(reject), onEvent });
      this.#endpoint.postMessage({ kind: 'call', id, method, params } satisfies ToWorker);
    });
  }

  /** Ends the worker; what is in flight is rejected. */
  dispose(): void {
    this.#lose(new EngineLostError('The model was unloaded. Load it again to go on.'));
  }

  #receive(message: FromWorker): void {
    const pending = this.#pending.get(message.id);
    if (!pending) return; // aborted meanwhile
    if (message.kind === 'event') return pending.onEvent?.(message.event);
    this.#pending.delete(message.id);
    if (message.kind === 'result') return pending.resolve(message.result);
    const error = reviveError(message.name, message.message);
    pending.reject(error);
    if (error instanceof EngineLostError) this.#lose(error);
  }

  #fail(detail: string): void {
    const cause = detail ? ` (${detail})` : '';
    this.#lose(new EngineLostError(`The model stopped unexpectedly${cause}. Load it again to go on.`));
  }

  #lose(error: EngineLostError): void {
    this.#lost ??= error;
    this.#endpoint.terminate?.();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(error);
  }
}

/** What the worker answers a call with. */
export type LinkHandlers<Calls extends LinkCalls> = {
  [Method in keyof Calls]: (
    params: Calls[Method]['params'],
    options: { readonly signal: AbortSignal; readonly emit: (event: Calls[Method]['event']) => void },
  ) => Promise<Calls[Method]['result']>;
};

/** The worker's side: answers every call with its handler. */
export function serveLink<Calls extends LinkCalls>(
  endpoint: LinkEndpoint,
  handlers: LinkHandlers<Calls>,
): void {
  const running = new Map<number, AbortController>();
  const send = (message: FromWorker) => endpoint.postMessage(message);
  const answer = async ({ id, method, params }: Extract<ToWorker, { kind: 'call' }>) => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const handler = handlers[method];
      if (!handler) throw new TypeError(`There is no worker method "${method}".`);
      const emit = (event: unknown) => send({ kind: 'event', id, event });
      send({ kind: 'result', id, result: await handler(params, { signal: controller.signal, emit }) });
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      send({ kind: 'error', id, name, message });
    } finally {
      running.delete(id);
    }
  };
  endpoint.addEventListener('message', (event) => {
    const message = (event as MessageEvent<ToWorker>).data;
    if (message.kind === 'abort') running.get(message.id)?.abort();
    else void answer(message);
  });
  endpoint.start?.();
}
