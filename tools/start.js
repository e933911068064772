import { runInstalled } from './runInstalled.js';

await runInstalled('tools/start.ts');
