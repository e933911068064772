import { describe, expect, it } from 'vitest';
import { addTallies, readPlaywright, readPytest, readVitest, tallyLine } from './tally.ts';

describe('the closing line', () => {
  it('names skips only where there are some', () => {
    expect(tallyLine({ passed: 12, failed: 0, skipped: ['a', 'b'] })).toBe('12 passed, 0 failed, 2 skipped');
    expect(tallyLine(addTallies([]))).toBe('0 passed, 0 failed');
  });
});

describe('reports', () => {
  it('of vitest, with a file that did not load', () => {
    const report = {
      testResults: [
        { name: 'broken.test.ts', status: 'failed', assertionResults: [] },
        {
          name: 'a.test.ts',
          status: 'failed',
          assertionResults: [
            { fullName: 'a works', status: 'passed' },
            { fullName: 'a fails', status: 'failed' },
            { fullName: 'a waits', status: 'skipped' },
          ],
        },
      ],
    };
    expect(readVitest(report)).toEqual({ passed: 1, failed: 2, skipped: ['a waits'] });
  });

  it('of Playwright, nested, with an error outside of tests', () => {
    const spec = (title: string, status: string) => ({ title, tests: [{ status }] });
    const report = {
      suites: [
        {
          specs: [spec('opens', 'expected')],
          suites: [{ specs: [spec('breaks', 'unexpected'), spec('rests', 'skipped')] }],
        },
      ],
      errors: [{ message: 'the build failed' }],
    };
    expect(readPlaywright(report)).toEqual({ passed: 1, failed: 2, skipped: ['rests'] });
  });

  it('of pytest', () => {
    const xml = `<testsuites><testsuite name="pytest"><testcase classname="G" name="test_a" time="1" />
      <testcase classname="G" name="test_b" time="1"><failure message="x">no &lt;error&gt;</failure></testcase>
      <testcase classname="G" name="test_c" time="0"><skipped message="y">z</skipped></testcase></testsuite></testsuites>`;
    expect(readPytest(xml)).toEqual({ passed: 1, failed: 1, skipped: ['test_c'] });
  });
});
