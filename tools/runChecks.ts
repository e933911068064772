import { runChecks } from './checks.ts';

const { failed } = await runChecks();
if (failed.length > 0) {
  console.log('`npm run fix` mends what a program can mend.');
  process.exitCode = 1;
}
