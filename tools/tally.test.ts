import { describe, expect, it } from 'vitest';
import { addTallies, describeFailures, readPlaywright, readPytest, readVitest, tallyLine } from './tally.ts';

describe('the closing line', () => {
  it('names skips only where there are some', () => {
    expect(tallyLine({ passed: 12, failed: [], skipped: ['a', 'b'] })).toBe('12 passed, 0 failed, 2 skipped');
    expect(tallyLine(addTallies([]))).toBe('0 passed, 0 failed');
  });

  it('comes after what failed, and the beginning of why', () => {
    const why = `\u001b[31mlate\u001b[39m\n${'at there\n'.repeat(40)}`;
    const text = describeFailures([
      { name: 'ends', why },
      { name: 'breaks', why: '' },
    ]);
    expect(text.split('\n')).toHaveLength(15);
    expect(text).toMatch(/^Failed:\n {2}ends\n {2}late\n {2}at there\n[^]* {2}breaks/);
    expect(describeFailures([])).toBe('');
  });
});

describe('reports', () => {
  it('of vitest, with a file that did not load', () => {
    const report = {
      testResults: [
        { name: 'broken.test.ts', status: 'failed', message: 'no such file', assertionResults: [] },
        {
          name: 'a.test.ts',
          status: 'failed',
          message: '',
          assertionResults: [
            { fullName: 'a works', status: 'passed' },
            { fullName: 'a fails', status: 'failed', failureMessages: ['1 is not 2'] },
            { fullName: 'a waits', status: 'skipped' },
          ],
        },
      ],
    };
    expect(readVitest(report)).toEqual({
      passed: 1,
      failed: [
        { name: 'broken.test.ts', why: 'no such file' },
        { name: 'a fails', why: '1 is not 2' },
      ],
      skipped: ['a waits'],
    });
  });

  it('of Playwright, nested, with an error outside of tests', () => {
    const spec = (title: string, status: string, ...errors: { message?: string }[]) => ({
      title,
      tests: [{ status, results: [{ errors }] }],
    });
    const report = {
      suites: [
        {
          specs: [spec('opens', 'expected')],
          suites: [
            {
              specs: [spec('breaks', 'unexpected', { message: 'no such button' }), spec('rests', 'skipped')],
            },
          ],
        },
      ],
      errors: [{ message: 'the build failed' }],
    };
    expect(readPlaywright(report)).toEqual({
      passed: 1,
      failed: [
        { name: 'breaks', why: 'no such button' },
        { name: 'outside of tests', why: 'the build failed' },
      ],
      skipped: ['rests'],
    });
  });

  it('of pytest', () => {
    const xml = `<testsuites><testsuite name="pytest"><testcase classname="G" name="test_a" time="1" />
      <testcase classname="G" name="test_b" time="1"><failure message="x">no &lt;error&gt;</failure></testcase>
      <testcase classname="G" name="test_c" time="0"><skipped message="y">z</skipped></testcase></testsuite></testsuites>`;
    expect(readPytest(xml)).toEqual({
      passed: 1,
      failed: [{ name: 'test_b', why: 'no &lt;error&gt;' }],
      skipped: ['test_c'],
    });
  });
});
