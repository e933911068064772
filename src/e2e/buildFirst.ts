import { buildApp } from '../../tools/buildApp.ts';
import convertFixture from '../../tools/convertFixture.ts';

/** Playwright runs it once, before the flows. */
export default async function prepare(): Promise<void> {
  await buildApp();
  await convertFixture();
}
