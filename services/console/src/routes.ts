import { lazy, type ComponentType, type LazyExoticComponent } from 'react';

/** A page of the console. Its script is loaded when it is opened. */
export interface RouteEntry {
  readonly path: string;
  readonly page: LazyExoticComponent<ComponentType>;
  /** Its place in the menu; a page without is reached from others. */
  readonly menu?: { readonly label: string; readonly group: MenuGroup };
  /** The operation without which it shows nothing. */
  readonly needs: string;
}

/** The parts of the menu, in their order. */
export const menuGroups = ['Traffic', 'Customers', 'Routing', 'Switch'] as const;

type MenuGroup = (typeof menuGroups)[number];

/** Every page, in the order of the menu. */
export const routes: readonly RouteEntry[] = [
  {
    path: '/',
    page: lazy(async () => ({ default: (await import('./pages/now.tsx')).NowPage })),
    menu: { label: 'Now', group: 'Traffic' },
    needs: 'getStatus',
  },
  {
    path: '/alarms',
    page: lazy(async () => ({ default: (await import('./pages/alarms.tsx')).AlarmsPage })),
    menu: { label: 'Alarms', group: 'Traffic' },
    needs: 'listAlarms',
  },
  {
    path: '/calls',
    page: lazy(async () => ({ default: (await import('./pages/calls.tsx')).CallsPage })),
    menu: { label: 'Current calls', group: 'Traffic' },
    needs: 'listCalls',
  },
  {
    path: '/cdrs',
    page: lazy(async () => ({ default: (await import('./pages/cdrs.tsx')).CdrsPage })),
    menu: { label: 'CDRs', group: 'Traffic' },
    needs: 'listCdrs',
  },
  {
    path: '/calls/:id',
    page: lazy(async () => ({ default: (await import('./pages/call.tsx')).CallPage })),
    needs: 'explainCall',
  },
  {
    path: '/journal',
    page: lazy(async () => ({ default: (await import('./pages/journal.tsx')).JournalPage })),
    menu: { label: 'Journal', group: 'Traffic' },
    needs: 'listJournal',
  },
  {
    path: '/accounts',
    page: lazy(async () => ({ default: (await import('./pages/accounts.tsx')).AccountsPage })),
    menu: { label: 'Balances', group: 'Customers' },
    needs: 'listAccounts',
  },
  {
    path: '/registrations',
    page: lazy(async () => ({
      default: (await import('./pages/registrations.tsx')).RegistrationsPage,
    })),
    menu: { label: 'Registrations', group: 'Customers' },
    needs: 'listRegistrations',
  },
  {
    path: '/registrations/:phone',
    page: lazy(async () => ({
      default: (await import('./pages/registration.tsx')).RegistrationPage,
    })),
    needs: 'explainRegistration',
  },
  {
    path: '/security',
    page: lazy(async () => ({ default: (await import('./pages/security.tsx')).SecurityPage })),
    menu: { label: 'Suspensions', group: 'Customers' },
    needs: 'listSuspensions',
  },
  {
    path: '/gateways',
    page: lazy(async () => ({ default: (await import('./pages/gateways.tsx')).GatewaysPage })),
    menu: { label: 'Gateways', group: 'Routing' },
    needs: 'listGateways',
  },
  {
    path: '/gateways/:name',
    page: lazy(async () => ({ default: (await import('./pages/gateway.tsx')).GatewayPage })),
    needs: 'getGateway',
  },
  {
    path: '/routing',
    page: lazy(async () => ({ default: (await import('./pages/routing.tsx')).RoutingPage })),
    menu: { label: 'Routing analysis', group: 'Routing' },
    needs: 'analyseRoute',
  },
  {
    path: '/configuration/:kind',
    page: lazy(async () => ({ default: (await import('./pages/entries.tsx')).EntriesPage })),
    needs: 'getConfiguration',
  },
  {
    path: '/configuration/:kind/:name',
    page: lazy(async () => ({ default: (await import('./pages/entry.tsx')).EntryPage })),
    needs: 'getConfiguration',
  },
  {
    path: '/parameters',
    page: lazy(async () => ({ default: (await import('./pages/parameters.tsx')).ParametersPage })),
    menu: { label: 'Parameters', group: 'Switch' },
    needs: 'listParameters',
  },
  {
    path: '/versions',
    page: lazy(async () => ({ default: (await import('./pages/versions.tsx')).VersionsPage })),
    menu: { label: 'Versions', group: 'Switch' },
    needs: 'listConfigurationVersions',
  },
  {
    path: '/versions/:version',
    page: lazy(async () => ({ default: (await import('./pages/version.tsx')).VersionPage })),
    needs: 'getConfigurationVersion',
  },
  {
    path: '/pods',
    page: lazy(async () => ({ default: (await import('./pages/pods.tsx')).PodsPage })),
    menu: { label: 'Pods', group: 'Switch' },
    needs: 'listPods',
  },
];
