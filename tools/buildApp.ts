import { runCommand } from './runCommand.ts';
import { isBuildStale } from './isBuildStale.ts';

/** Builds the app into dist/ when anything that the build reads is newer. */
export async function buildApp(): Promise<void> {
  if (!(await isBuildStale('.'))) return;
  console.log('Building ...');
  const { ok } = await runCommand(['vite', 'build', '--logLevel', 'warn'], { isShown: true });
  if (!ok) throw new Error('The build failed; the reason is above.');
}
