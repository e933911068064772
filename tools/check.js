import { ensureInstalled, runTypeScript } from './ensureInstalled.js';

ensureInstalled();
runTypeScript('tools/runChecks.ts', process.argv.slice(2));
