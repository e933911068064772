import { runInstalled } from './runInstalled.js';

await runInstalled('tools/runTests.ts');
