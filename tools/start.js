import { ensureInstalled, runTypeScript } from './ensureInstalled.js';

ensureInstalled();
runTypeScript('tools/start.ts', process.argv.slice(2));
