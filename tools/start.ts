import { parseArgs } from 'node:util';
import { buildApp } from './buildApp.ts';
import { serveFolder } from './serveFolder.ts';

const usage = 'npm start [-- --port 4173] [--host 127.0.0.1]';

/** Builds the app when its sources are newer than the build, and serves it. */
async function start(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '4173' }, host: { type: 'string', default: '127.0.0.1' } },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`--port takes a number from 0 to 65535, not "${values.port}". Usage: ${usage}`);
  }
  await buildApp();
  const server = await serveFolder('dist', {
    host: values.host,
    port,
    // What otherself convert wrote.
    mounts: { 'models/checkpoints/': 'models/checkpoints' },
  });
  console.log(`Otherself is at ${server.url}\nCtrl-C stops it.`);
}

start().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
