import { benchConvert } from './convert.ts';
import { benchEmbedded } from './embedded.ts';
import { benchLighthouse } from './lighthouse.ts';
import { benchFindings } from './findings.ts';
import { benchOpening } from './opening.ts';
import { benchStorage } from './storage.ts';
import { benchWebGpu } from './webgpu.ts';

/** Every benchmark by its name; `npm run bench -- NAME` runs some of them, `npm run bench` all. */
const benches: Readonly<Record<string, () => Promise<void>>> = {
  embedded: benchEmbedded,
  convert: benchConvert,
  storage: benchStorage,
  findings: benchFindings,
  opening: benchOpening,
  lighthouse: benchLighthouse,
  webgpu: benchWebGpu,
};

const names = process.argv.slice(2);
for (const name of names.length > 0 ? names : Object.keys(benches)) {
  const bench = benches[name];
  if (!bench)
    throw new Error(`There is no benchmark "${name}". Choose from: ${Object.keys(benches).join(', ')}.`);
  await bench();
}
