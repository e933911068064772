import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { sentenceOf } from '../src/core/errors.ts';
import { buildApp } from './buildApp.ts';
import { describeFirstLoad, measureFirstLoad } from './checkFirstLoad.ts';
import { runChecks } from './checks.ts';
import { setUpPython } from './pythonEnvironment.ts';
import { runCommand } from './runCommand.ts';
import {
  type Tally,
  addTallies,
  describeFailures,
  readPlaywright,
  readPytest,
  readVitest,
  tallyLine,
} from './tally.ts';

const results = '.cache/results';

/** Everything that must hold, in the order of what fails fastest. A failed step does not stop the next ones. */
async function runTests(): Promise<Tally> {
  await rm(results, { recursive: true, force: true });
  await mkdir(results, { recursive: true });
  const python = await setUpPython();
  if (python.state !== 'ready') console.log(`Tests that need Python are skipped: ${python.reason}`);
  const tallies = [
    // On one's own machine Python is a choice; where tests are run for others, a broken one is a failure.
    ...(python.state === 'failed' && process.env.CI ? [failed('Python', python.reason)] : []),
    await step('checks', runChecks),
    await step('unit tests', () => vitest('unit', [])),
    await step('browser tests', () => vitest('browser', ['--config', 'vitest.browser.config.ts'])),
    await step('build', async () => {
      await rm('dist', { recursive: true, force: true });
      await buildApp();
      return passed;
    }),
    await step('first load', async () => {
      const load = await measureFirstLoad('dist');
      console.log(describeFirstLoad(load));
      return load.isWithinBudget ? passed : failed('first load', describeFirstLoad(load));
    }),
    await step('end-to-end tests', playwright),
    await step('Python tests', () =>
      python.state === 'ready' ? pytest(python.python) : skippedPythonTests(),
    ),
  ];
  return addTallies(tallies);
}

const passed: Tally = { passed: 1, failed: [], skipped: [] };
const failed = (name: string, why: string): Tally => ({ passed: 0, failed: [{ name, why }], skipped: [] });

async function step(name: string, run: () => Tally | Promise<Tally>): Promise<Tally> {
  console.log(`\n== ${name}`);
  const startMs = performance.now();
  try {
    return await run();
  } catch (error) {
    const why = sentenceOf(error);
    console.error(why);
    return failed(name, why);
  } finally {
    console.log(`== ${name}: ${((performance.now() - startMs) / 1000).toFixed(0)} s`);
  }
}

async function vitest(name: string, flags: readonly string[]): Promise<Tally> {
  const file = `${results}/${name}.json`;
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const { ok } = await runCommand(['vitest', 'run', ...flags, ...reporters], { isShown: true });
  return atLeastOneFailure(name, ok, readVitest(JSON.parse(await readFile(file, 'utf8'))));
}

async function playwright(): Promise<Tally> {
  const { ok } = await runCommand(['playwright', 'test'], { isShown: true });
  return atLeastOneFailure(
    'end-to-end',
    ok,
    readPlaywright(JSON.parse(await readFile(`${results}/e2e.json`, 'utf8'))),
  );
}

async function pytest(python: string): Promise<Tally> {
  const file = `${results}/python.xml`;
  const { ok } = await runCommand(
    [python, '-m', 'pytest', '-q', '-o', 'cache_dir=.cache/pytest', `--junitxml=${file}`, 'models'],
    { isShown: true },
  );
  return atLeastOneFailure('Python', ok, readPytest(await readFile(file, 'utf8')));
}

/** Without Python nothing can collect the tests, so their names are read from the files. */
async function skippedPythonTests(): Promise<Tally> {
  const files = (await readdir('models', { recursive: true })).filter((file) =>
    /(^|[\\/])test_[^\\/]+\.py$/.test(file),
  );
  const texts = await Promise.all(files.map((file) => readFile(`models/${file}`, 'utf8')));
  const skipped = texts.flatMap((text) =>
    [...text.matchAll(/def (test_\w+)/g)].map(([, name]) => name ?? ''),
  );
  return { passed: 0, failed: [], skipped };
}

/** A runner can fail without a failed test: a file that does not load, an error after the last test. */
function atLeastOneFailure(name: string, ok: boolean, tally: Tally): Tally {
  return ok || tally.failed.length > 0
    ? tally
    : addTallies([tally, failed(`${name} tests`, 'The runner failed, though no test did.')]);
}

const total = await runTests();
if (total.skipped.length > 0)
  console.log(`\nSkipped:\n${total.skipped.map((name) => `  ${name}`).join('\n')}`);
if (total.failed.length > 0) console.log(`\n${describeFailures(total.failed)}`);
console.log(`\n${tallyLine(total)}`);
process.exitCode = total.failed.length > 0 ? 1 : 0;
