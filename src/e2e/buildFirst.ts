import { buildApp } from '../../tools/buildApp.ts';

/** Playwright runs it once, before the flows. */
export default buildApp;
