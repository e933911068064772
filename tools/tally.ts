import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';

export interface Tally {
  readonly passed: number;
  readonly failed: readonly Failure[];
  /** By name. */
  readonly skipped: readonly string[];
}

export interface Failure {
  readonly name: string;
  /** What the runner said of it, maybe many lines. */
  readonly why: string;
}

export function addTallies(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
    failed: tallies.flatMap(({ failed }) => failed),
    skipped: tallies.flatMap(({ skipped }) => skipped),
  };
}

/** Every failure again, short, where a log that keeps only its end still has it. Empty without one. */
export function describeFailures(failed: readonly Failure[]): string {
  const lines = failed.flatMap(({ name, why }) => [
    name,
    ...stripVTControlCharacters(why).split('\n').filter(Boolean).slice(0, 12),
  ]);
  return lines.length > 0 ? `Failed:\n${lines.map((line) => `  ${line}`).join('\n')}` : '';
}

/** The closing line that machines read. */
export function tallyLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
}

const vitestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

/** Reads vitest's JSON report. A file that failed without a failed test, for it did not load, counts as one. */
export function readVitest(report: unknown): Tally {
  return addTallies(
    vitestReport.parse(report).testResults.map(({ name, status, message, assertionResults }) => {
      const of = (wanted: string) => assertionResults.filter((result) => result.status === wanted);
      const failed = of('failed').map(({ fullName, failureMessages }) => ({
        name: fullName,
        why: failureMessages?.join('\n') ?? '',
      }));
      return {
        passed: of('passed').length,
        failed: status === 'failed' && failed.length === 0 ? [{ name, why: message }] : failed,
        skipped: assertionResults
          .filter(({ status: is }) => !['passed', 'failed'].includes(is))
          .map(({ fullName }) => fullName),
      };
    }),
  );
}

const playwrightErrors = z.array(z.object({ message: z.string().optional() }));
const playwrightSpec = z.object({
  title: z.string(),
  tests: z.array(
    z.object({
      status: z.enum(['expected', 'unexpected', 'flaky', 'skipped']),
      results: z.array(z.object({ errors: playwrightErrors })),
    }),
  ),
});
interface PlaywrightSuite {
  specs?: z.infer<typeof playwrightSpec>[] | undefined;
  suites?: PlaywrightSuite[] | undefined;
}
const playwrightSuite: z.ZodType<PlaywrightSuite> = z.lazy(() =>
  z.object({ specs: z.array(playwrightSpec).optional(), suites: z.array(playwrightSuite).optional() }),
);
const playwrightReport = z.object({ suites: z.array(playwrightSuite), errors: playwrightErrors });

/** Reads Playwright's JSON report. Errors outside of tests count as failures. */
export function readPlaywright(report: unknown): Tally {
  const { suites, errors } = playwrightReport.parse(report);
  const tests = suites
    .flatMap(specsOf)
    .flatMap(({ title, tests: of }) => of.map((test) => ({ title, ...test })));
  const ended = (...as: string[]) => tests.filter(({ status }) => as.includes(status));
  const why = (all: z.infer<typeof playwrightErrors>) => all.map(({ message = '' }) => message).join('\n');
  return {
    passed: ended('expected', 'flaky').length,
    failed: [
      ...ended('unexpected').map(({ title, results }) => ({
        name: title,
        why: why(results.flatMap(({ errors: of }) => of)),
      })),
      ...errors.map((error) => ({ name: 'outside of tests', why: why([error]) })),
    ],
    skipped: ended('skipped').map(({ title }) => title),
  };
}

function specsOf({ specs = [], suites = [] }: PlaywrightSuite): z.infer<typeof playwrightSpec>[] {
  return [...specs, ...suites.flatMap(specsOf)];
}

/** Reads pytest's JUnit report: one `testcase` element each, with a child that says how it ended if not well. */
export function readPytest(xml: string): Tally {
  const cases = [...xml.matchAll(/<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs)];
  const ended = cases.map(([, attributes = '', content = '']) => {
    const [, as = 'passed', why = ''] = /^\s*<(failure|error|skipped)\b[^>]*>([^<]*)/.exec(content) ?? [];
    return { name: /\bname="([^"]*)"/.exec(attributes)?.[1] ?? 'unnamed', as, why };
  });
  return {
    passed: ended.filter(({ as }) => as === 'passed').length,
    failed: ended
      .filter(({ as }) => as === 'failure' || as === 'error')
      .map(({ name, why }) => ({ name, why })),
    skipped: ended.filter(({ as }) => as === 'skipped').map(({ name }) => name),
  };
}
