import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { OtherselfError, reviveError } from '../../core/errors.ts';
import type { CallMessage, ReplyMessage, WorkerCalls, WorkerMethod } from './workerCalls.ts';

/** More would wait for the disk, and each needs about 120 MB. */
const mostWorkers = 12;
/** Calls that a worker holds at once: it reads for the next while it computes. */
const callsPerWorker = 2;

/** Threads that convert and hash. Each call runs on whichever has the least to do. */
export class WorkerPool {
  readonly #members: Member[];

  constructor(workers = availableParallelism()) {
    this.#members = Array.from({ length: Math.min(workers, mostWorkers) }, () => new Member());
  }

  /** How many calls are worth having in flight. */
  get lanes(): number {
    return this.#members.length * callsPerWorker;
  }

  call<Method extends WorkerMethod>(
    method: Method,
    params: WorkerCalls[Method]['params'],
  ): Promise<WorkerCalls[Method]['result']> {
    const free = this.#members.reduce((least, next) => (next.calls < least.calls ? next : least));
    return free.call(method, params);
  }

  /** Ends the threads at once. What is in flight fails. */
  async close(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.close()));
  }
}

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

class Member {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #lost: Error | null = null;

  constructor() {
    this.#worker = new Worker(new URL('startWorker.js', import.meta.url));
    this.#worker.on('message', (reply: ReplyMessage) => this.#receive(reply));
    this.#worker.on('error', (error: Error) => this.#lose(error.message));
    this.#worker.on('exit', (code) => this.#lose(`exit code ${code}`));
  }

  get calls(): number {
    return this.#pending.size;
  }

  call<Method extends WorkerMethod>(
    method: Method,
    params: WorkerCalls[Method]['params'],
  ): Promise<WorkerCalls[Method]['result']> {
    if (this.#lost) return Promise.reject(this.#lost);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ id, method, params } satisfies CallMessage);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #receive(reply: ReplyMessage): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ('error' in reply) pending?.reject(reviveError(reply.error.name, reply.error.message));
    else pending?.resolve(reply.result as never);
  }

  #lose(detail: string): void {
    this.#lost ??= new OtherselfError(
      `A thread of the conversion stopped unexpectedly (${detail}). Type the same command again to go on.`,
    );
    for (const { reject } of this.#pending.values()) reject(this.#lost);
    this.#pending.clear();
  }
}
