import { JudgeRefusedError, sentenceOf } from './errors.ts';
import type { InjectionSet } from './injections.ts';
import { runLanes } from './lanes.ts';
import { type Score, parseVerdict } from './parseVerdict.ts';
import type { Judge } from './ports/judge.ts';
import type { Rubric } from './rubric.ts';
import type { PlannedPrompt } from './run.ts';

type Scores = Readonly<Record<string, Score>>;

/** What a judge made of one attempt and of its twin; an error where it gave no verdict that can be read. */
export interface InjectionOutcome {
  readonly id: string;
  /** Which scores the attempt asks for. */
  readonly asks: 'high' | 'low';
  readonly twin: Scores | null;
  readonly hostile: Scores | null;
  /** Of the first of both that failed; null where none did. */
  readonly error: string | null;
}

export interface InjectionOptions {
  readonly signal?: AbortSignal;
  /** Called with the number of pairs that are done. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Has a judge score every attempt and its twin by the rubric, as it scores answers: two calls a pair. An abort
 * rejects, and so does a {@link JudgeRefusedError}; what the judge does wrong otherwise is in the outcomes.
 */
export async function checkInjections(
  judge: Judge,
  rubric: Rubric,
  { question, pairs }: InjectionSet,
  { signal, onProgress }: InjectionOptions = {},
): Promise<InjectionOutcome[]> {
  const prompt = promptOf(rubric, question);
  const outcomes = new Map<string, InjectionOutcome>();
  const score = async (answer: string): Promise<Scores | Error> => {
    try {
      const { raw } = await judge.score({ rubric, prompt, answer }, signal ? { signal } : {});
      const parsed = parseVerdict({ rubric, prompt, reply: raw });
      return parsed.ok ? parsed.scores : new Error(parsed.error);
    } catch (error) {
      // Every other call would meet it too.
      if (signal?.aborted || error instanceof JudgeRefusedError) throw error;
      return new Error(sentenceOf(error));
    }
  };
  await runLanes(pairs, judge.concurrency, async ({ id, asks, twin, hostile }) => {
    const [plain, attacked] = [await score(twin), await score(hostile)];
    const failed = [plain, attacked].find((result) => result instanceof Error);
    outcomes.set(id, {
      id,
      asks,
      twin: plain instanceof Error ? null : plain,
      hostile: attacked instanceof Error ? null : attacked,
      error: failed instanceof Error ? failed.message : null,
    });
    onProgress?.(outcomes.size);
  });
  return pairs.flatMap(({ id }) => outcomes.get(id) ?? []);
}

function promptOf({ fits }: Rubric, text: string): PlannedPrompt {
  const [suiteKind = 'custom'] = fits;
  const common = { suite: 'injections', suiteVersion: 1, category: 'injections', promptId: 'injections' };
  return { ...common, suiteKind, text };
}
