import { z } from 'zod';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** By name. */
  readonly skipped: readonly string[];
}

export function addTallies(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
    failed: tallies.reduce((sum, { failed }) => sum + failed, 0),
    skipped: tallies.flatMap(({ skipped }) => skipped),
  };
}

/** The closing line that machines read. */
export function tallyLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
}

const vitestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

/** Reads vitest's JSON report. A file that failed without a failed test, for it did not load, counts as one. */
export function readVitest(report: unknown): Tally {
  return addTallies(
    vitestReport.parse(report).testResults.map(({ status, assertionResults }) => {
      const of = (wanted: string) => assertionResults.filter((result) => result.status === wanted);
      const failed = of('failed').length;
      return {
        passed: of('passed').length,
        failed: status === 'failed' ? Math.max(failed, 1) : failed,
        skipped: assertionResults
          .filter(({ status: is }) => !['passed', 'failed'].includes(is))
          .map(({ fullName }) => fullName),
      };
    }),
  );
}

const playwrightSpec = z.object({
  title: z.string(),
  tests: z.array(z.object({ status: z.enum(['expected', 'unexpected', 'flaky', 'skipped']) })),
});
interface PlaywrightSuite {
  specs?: z.infer<typeof playwrightSpec>[] | undefined;
  suites?: PlaywrightSuite[] | undefined;
}
const playwrightSuite: z.ZodType<PlaywrightSuite> = z.lazy(() =>
  z.object({ specs: z.array(playwrightSpec).optional(), suites: z.array(playwrightSuite).optional() }),
);
const playwrightReport = z.object({ suites: z.array(playwrightSuite), errors: z.array(z.unknown()) });

/** Reads Playwright's JSON report. Errors outside of tests count as failures. */
export function readPlaywright(report: unknown): Tally {
  const { suites, errors } = playwrightReport.parse(report);
  const results = suites
    .flatMap(specsOf)
    .flatMap(({ title, tests }) => tests.map(({ status }) => ({ title, status })));
  const count = (...wanted: string[]) => results.filter(({ status }) => wanted.includes(status)).length;
  return {
    passed: count('expected', 'flaky'),
    failed: count('unexpected') + errors.length,
    skipped: results.filter(({ status }) => status === 'skipped').map(({ title }) => title),
  };
}

function specsOf({ specs = [], suites = [] }: PlaywrightSuite): z.infer<typeof playwrightSpec>[] {
  return [...specs, ...suites.flatMap(specsOf)];
}

/** Reads pytest's JUnit report: one `testcase` element each, with a child that says how it ended if not well. */
export function readPytest(xml: string): Tally {
  const cases = [...xml.matchAll(/<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs)];
  const ended = cases.map(([, attributes = '', content = '']) => ({
    name: /\bname="([^"]*)"/.exec(attributes)?.[1] ?? 'unnamed',
    as: /^\s*<(failure|error|skipped)\b/.exec(content)?.[1] ?? 'passed',
  }));
  return {
    passed: ended.filter(({ as }) => as === 'passed').length,
    failed: ended.filter(({ as }) => as === 'failure' || as === 'error').length,
    skipped: ended.filter(({ as }) => as === 'skipped').map(({ name }) => name),
  };
}
