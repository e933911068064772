/**
 * The arrows of the architecture: who may import whom. eslint-plugin-boundaries enforces them, in `.svelte`
 * files and for type-only imports too; src/README.md tells the reasons.
 */
const folder = (type, path, capture) => ({
  type,
  pattern: path,
  partialMatch: false,
  ...(capture ? { capture } : {}),
});

/** The first that matches counts, so folders stand before what they lie in. */
export const elements = [
  folder('routes', 'src/app/routes'),
  folder('feature', 'src/app/features/*', ['domain']),
  folder('state', 'src/app/state'),
  folder('ui', 'src/app/ui'),
  folder('gallery', 'src/app/gallery'),
  folder('styles', 'src/app/styles'),
  folder('cli', 'src/cli'),
  folder('e2e', 'src/e2e'),
  folder('protocols', 'src/protocols'),
  folder('engines', 'src/engines'),
  folder('judges', 'src/judges'),
  folder('stores', 'src/stores'),
  folder('suites', 'src/suites'),
  folder('reporting', 'src/reporting'),
  folder('findings', 'src/findings'),
  folder('figures', 'src/figures'),
  folder('exports', 'src/exports'),
  folder('checkpoint', 'src/checkpoint'),
  folder('core', 'src/core'),
  folder('shell', 'src/app'),
  folder('main', 'src'),
];

/** App.svelte is for main.ts alone; the typed context and the router beside it are for every screen. */
export const files = [{ pattern: 'src/app/*.svelte', category: 'shell component' }];

const everything = elements.map(({ type }) => type);
const app = ['main', 'shell', 'routes', 'feature', 'state', 'ui', 'gallery', 'styles'];
/** What the screens may compute with: no adapters, which only main.ts and the command line construct. */
const pure = ['core', 'findings', 'figures', 'exports'];

/** A layer may always import from itself, except that no feature imports another. */
const arrows = {
  main: everything,
  cli: everything.filter((type) => !app.includes(type) && type !== 'e2e'),
  shell: ['routes', 'feature', 'ui', 'state', 'styles', 'gallery', ...pure],
  routes: ['shell', 'feature', 'ui', 'state', ...pure],
  feature: ['shell', 'ui', 'state', ...pure],
  gallery: ['ui', 'styles'],
  state: pure,
  ui: [],
  styles: [],
  e2e: ['core'],
  findings: ['core'],
  figures: ['core', 'findings'],
  exports: ['core', 'findings', 'figures'],
  protocols: ['core'],
  engines: ['core', 'protocols', 'checkpoint'],
  judges: ['core', 'protocols'],
  stores: ['core'],
  suites: ['core'],
  reporting: ['core', 'findings', 'stores', 'suites', 'judges'],
  checkpoint: [],
  core: [],
};

export const policies = [
  ...Object.entries(arrows).map(([from, to]) => ({
    from: { element: { type: from } },
    allow: { to: { element: { types: { anyOf: [...to, ...(from === 'feature' ? [] : [from])] } } } },
  })),
  {
    from: { element: { types: { anyOf: ['routes', 'feature'] } } },
    disallow: { to: { file: { categories: 'shell component' } } },
  },
  // Packages are judged by knip (used and declared) and, for pure code, by no-restricted-imports.
  { from: { element: { type: '*' } }, allow: { to: { module: { origin: ['external', 'core'] } } } },
];
