/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'worker-stands-alone',
      comment:
        'A worker is started by its address; in Node the file beside it starts it with a loader, and a test wraps one in a GPU that fails.',
      severity: 'error',
      from: { pathNot: '/(startWorker\\.js|faultyWorker\\.ts)$' },
      to: { path: '/worker\\.ts$' },
    },
    {
      name: 'no-grab-bags',
      comment: 'A file is named after its main export.',
      severity: 'error',
      from: {},
      to: { path: '(^|/)(utils?|helpers?|common|managers?|services?|misc)[/.]', pathNot: 'node_modules' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '\\?(url|raw|worker)$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.lint.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['svelte', 'import', 'default'],
    },
  },
};
