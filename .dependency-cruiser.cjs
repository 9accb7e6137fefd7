/**
 * The boundaries of ARCHITECTURE.md: dependencies run from services to libraries, never back; services
 * meet only through libs/proto and libs/events; a core knows nothing outside it.
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment:
        'A cycle has no order in which it can be understood. Types alone may refer to each other.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'services-do-not-import-services',
      severity: 'error',
      comment: 'They meet through libs/proto and libs/events; pod and allinone alone compose them.',
      from: { path: '^services/([^/]+)/', pathNot: '^services/(pod|allinone)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'libs-do-not-import-services',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^(services|cli|e2e|benchmarks|tools)/' },
    },
    {
      name: 'cli-knows-the-api-alone',
      severity: 'error',
      comment:
        'The command line speaks HTTP like any other client. What it reads of other switches, libs/migration reads (ADR 82).',
      from: { path: '^cli/src/' },
      to: { path: '^(services|libs)/', pathNot: '^libs/migration/src/index\\.ts$' },
    },
    {
      name: 'console-knows-the-api-alone',
      severity: 'error',
      comment: 'The console speaks HTTP like any other client: what it shows, a program can have.',
      from: { path: '^services/console/' },
      to: { path: '^(libs|cli|services/(?!console/))' },
    },
    {
      name: 'sip-and-domain-stand-alone',
      severity: 'error',
      comment: 'They are usable as packages of their own.',
      from: { path: '^libs/(sip|domain)/src/' },
      to: { path: '^(libs|services)/', pathNot: '^libs/(sip|domain)/src/' },
    },
    {
      name: 'sip-does-not-import-domain',
      severity: 'error',
      from: { path: '^libs/sip/src/' },
      to: { path: '^libs/domain/' },
    },
    {
      name: 'domain-does-not-import-sip',
      severity: 'error',
      from: { path: '^libs/domain/src/' },
      to: { path: '^libs/sip/' },
    },
    {
      name: 'core-is-pure',
      severity: 'error',
      comment: 'The core decides; adapters and api bring the world to it through ports.ts.',
      from: { path: '^services/[^/]+/src/core/' },
      to: {
        path: '^services/[^/]+/src/(adapters|api|resources|app|main|config|setup|dialog|pods|outbox|network|overload|edge-server|front-app)',
      },
    },
    {
      name: 'a-room-has-one-door',
      severity: 'error',
      comment: 'What of a room of the edge is for the others stands in its door.',
      from: { path: '^services/edge/src/([^/]+)' },
      to: {
        path: '^services/edge/src/(setup|dialog|pods|outbox|network|overload)/',
        pathNot: [
          '^services/edge/src/$1/',
          '^services/edge/src/(setup/calls|dialog/dialogs|pods/pods|outbox/outbox|network/network|overload/overload)\\.ts$',
        ],
      },
    },
    {
      name: 'rooms-stand-in-an-order',
      severity: 'error',
      comment:
        'Pods before dialog before setup; these three over outbox, network and overload, which know no other room.',
      from: { path: '^services/edge/src/(setup|dialog|outbox|network|overload)/' },
      to: { path: '^services/edge/src/(pods|edge-server|app|front-app|main)' },
    },
    {
      name: 'setup-knows-no-dialog',
      severity: 'error',
      from: { path: '^services/edge/src/(setup|outbox|network|overload)/' },
      to: { path: '^services/edge/src/dialog/' },
    },
    {
      name: 'outbox-network-and-overload-know-no-call',
      severity: 'error',
      from: { path: '^services/edge/src/(outbox|network|overload)/' },
      to: {
        path: '^services/edge/src/(setup|outbox|network|overload)/',
        pathNot: '^services/edge/src/$1/',
      },
    },
    {
      name: 'no-deep-imports',
      severity: 'error',
      comment:
        'Another package is entered by its public face: libs by index.ts, services by app.ts.',
      // The reference of the API is made of the routes themselves.
      from: {
        path: '^((?:libs|services)/[^/]+|cli|e2e|benchmarks|tools)/',
        pathNot: '^tools/generated-docs\\.ts$',
      },
      to: {
        path: '^(libs|services)/[^/]+/',
        pathNot: [
          '^$1/',
          '^libs/[^/]+/src/index\\.ts$',
          '^services/[^/]+/src/app\\.ts$',
          '^libs/proto/src/(gen/|encoded\\.ts$|call-event-message\\.ts$)',
        ],
      },
    },
    {
      name: 'testing-stays-in-tests',
      severity: 'error',
      from: { path: '^(libs|services|cli)/.*/?src/', pathNot: '^libs/testing/' },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)node_modules/|^services/console/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node'] },
  },
};
