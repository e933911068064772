import { runInstalled } from './runInstalled.js';

await runInstalled('tools/runChecks.ts');
