import { ensureInstalled, runTypeScript } from './ensureInstalled.js';

ensureInstalled();
runTypeScript('tools/runTests.ts', process.argv.slice(2));
