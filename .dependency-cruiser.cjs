/**
 * The import rules of the house: data moves one way, so imports do too.
 * Each folder lists the folders it may import from; everything else is refused.
 */
const folders = {
  'src/event': [],
  'src/segment': ['src/event'],
  'src/writer': ['src/event', 'src/segment'],
  'src/simulation': ['src/event', 'src/writer'],
  'src/sidecar': ['src/event', 'migrations'],
  'src/query': ['src/event', 'src/segment', 'src/sidecar'],
  'src/store': ['src/event', 'src/sidecar', 'src/query'],
  migrations: [],
  indexer: ['src/event', 'src/segment', 'src/sidecar'],
  api: ['src/event', 'src/sidecar', 'src/query', 'src/store'],
}

/** Files any folder may import: errors, settings and the lock know no other folder. */
const shared = '^src/[a-z-]+\\.ts$'

const layering = Object.entries(folders).map(([folder, allowed]) => ({
  name: `imports-of-${folder.replace('/', '-')}`,
  comment: `${folder} may import only from ${[...allowed, 'the files directly in src/'].join(', ')}`,
  severity: 'error',
  from: { path: `^${folder}/` },
  to: {
    path: '^(src|migrations|indexer|api|cli|web|bench|test)/',
    pathNot: [`^${folder}/`, shared, ...allowed.map((name) => `^${name}/`)],
  },
}))

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle has no reading order.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'shared-files-import-nothing',
      comment: 'errors, settings and the lock are at the bottom; only index.ts may look up.',
      severity: 'error',
      from: { path: shared, pathNot: '^src/index\\.ts$' },
      to: { path: '^(src/[a-z-]+/|migrations|indexer|api|cli|web|bench|test)' },
    },
    {
      name: 'library-surface-is-for-outsiders',
      comment: 'Inside, import the module itself; src/index.ts is the door for users.',
      severity: 'error',
      from: { path: '^(src|migrations|indexer|api)/' },
      to: { path: '^src/index\\.ts$' },
    },
    {
      name: 'client-runs-in-browsers',
      comment: 'The client imports nothing but itself; types are gone when it runs.',
      severity: 'error',
      from: { path: '^api/client/' },
      to: {
        pathNot: '^api/client/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'client-is-for-outsiders',
      comment: 'The server knows nothing of those who ask it.',
      severity: 'error',
      from: { path: '^(src|indexer|api)/', pathNot: '^api/client/' },
      to: { path: '^api/client/' },
    },
    ...layering,
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
}
