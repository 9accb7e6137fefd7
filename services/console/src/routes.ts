import { lazy, type ComponentType, type LazyExoticComponent } from 'react';

/** A page of the console. Its script is loaded when it is opened. */
export interface RouteEntry {
  readonly path: string;
  readonly page: LazyExoticComponent<ComponentType>;
  /** Its place in the menu; a page without is reached from others. */
  readonly menu?: { readonly label: string; readonly group: MenuGroup } | undefined;
  /** The operation without which it shows nothing. */
  readonly needs: string;
}

/** The parts of the menu, in their order. */
export const menuGroups = ['Traffic', 'Customers', 'Routing', 'Switch'] as const;

type MenuGroup = (typeof menuGroups)[number];

/** Every page, in the order of the menu; one to a line. */
// prettier-ignore
export const routes: readonly RouteEntry[] = [
  route('/', 'getStatus', async () => (await import('./pages/now.tsx')).NowPage, menu('Traffic', 'Now')),
  route('/alarms', 'listAlarms', async () => (await import('./pages/alarms.tsx')).AlarmsPage, menu('Traffic', 'Alarms')),
  route('/calls', 'listCalls', async () => (await import('./pages/calls.tsx')).CallsPage, menu('Traffic', 'Current calls')),
  route('/cdrs', 'listCdrs', async () => (await import('./pages/cdrs.tsx')).CdrsPage, menu('Traffic', 'CDRs')),
  route('/calls/:id', 'explainCall', async () => (await import('./pages/call.tsx')).CallPage),
  route('/analysis', 'analyseCalls', async () => (await import('./pages/analysis.tsx')).AnalysisPage, menu('Traffic', 'Call analysis')),
  route('/traces', 'listTraces', async () => (await import('./pages/traces.tsx')).TracesPage, menu('Traffic', 'Traces')),
  route('/traces/:id', 'readTrace', async () => (await import('./pages/trace.tsx')).TracePage),
  route('/journal', 'listJournal', async () => (await import('./pages/journal.tsx')).JournalPage, menu('Traffic', 'Journal')),
  route('/accounts', 'listAccounts', async () => (await import('./pages/accounts.tsx')).AccountsPage, menu('Customers', 'Balances')),
  route('/accounts/:name', 'getStatement', async () => (await import('./pages/account.tsx')).AccountPage),
  route('/rates/:group', 'exportRates', async () => (await import('./pages/rate-sheets.tsx')).RateSheetsPage),
  route('/payments', 'listPayments', async () => (await import('./pages/payments.tsx')).PaymentsPage, menu('Customers', 'Payments')),
  route('/invoices', 'listInvoices', async () => (await import('./pages/invoices.tsx')).InvoicesPage, menu('Customers', 'Invoices')),
  route('/invoices/:id', 'getInvoice', async () => (await import('./pages/invoice.tsx')).InvoicePage),
  route('/disputes', 'listDisputes', async () => (await import('./pages/disputes.tsx')).DisputesPage, menu('Customers', 'Disputes')),
  route('/disputes/:id', 'getDispute', async () => (await import('./pages/dispute.tsx')).DisputePage),
  route('/reratings', 'listReratings', async () => (await import('./pages/reratings.tsx')).ReratingsPage, menu('Customers', 'Re-rating')),
  route('/reratings/:id', 'getRerating', async () => (await import('./pages/rerating.tsx')).ReratingPage),
  route('/registrations', 'listRegistrations', async () => (await import('./pages/registrations.tsx')).RegistrationsPage, menu('Customers', 'Registrations')),
  route('/registrations/:phone', 'explainRegistration', async () => (await import('./pages/registration.tsx')).RegistrationPage),
  route('/security', 'listSuspensions', async () => (await import('./pages/security.tsx')).SecurityPage, menu('Customers', 'Suspensions')),
  route('/gateways', 'listGateways', async () => (await import('./pages/gateways.tsx')).GatewaysPage, menu('Routing', 'Gateways')),
  route('/gateways/:name', 'getGateway', async () => (await import('./pages/gateway.tsx')).GatewayPage),
  route('/routing', 'analyseRoute', async () => (await import('./pages/routing.tsx')).RoutingPage, menu('Routing', 'Routing analysis')),
  route('/routing/file', 'analyseRoutes', async () => (await import('./pages/route-file.tsx')).RouteFilePage),
  route('/replays', 'listReplays', async () => (await import('./pages/replays.tsx')).ReplaysPage, menu('Routing', 'Replays')),
  route('/replays/:id', 'getReplay', async () => (await import('./pages/replay.tsx')).ReplayPage),
  route('/numbers', 'listNumberLists', async () => (await import('./pages/numbers.tsx')).NumbersPage, menu('Routing', 'Numbers in lists')),
  route('/numbers/:name', 'listNumberListVersions', async () => (await import('./pages/number-list.tsx')).NumberListPage),
  route('/configuration/:kind', 'getConfiguration', async () => (await import('./pages/entries.tsx')).EntriesPage),
  route('/configuration/:kind/:name', 'getConfiguration', async () => (await import('./pages/entry.tsx')).EntryPage),
  route('/parameters', 'listParameters', async () => (await import('./pages/parameters.tsx')).ParametersPage, menu('Switch', 'Parameters')),
  route('/versions', 'listConfigurationVersions', async () => (await import('./pages/versions.tsx')).VersionsPage, menu('Switch', 'Versions')),
  route('/versions/:version', 'getConfigurationVersion', async () => (await import('./pages/version.tsx')).VersionPage),
  route('/pods', 'listPods', async () => (await import('./pages/pods.tsx')).PodsPage, menu('Switch', 'Pods')),
  route('/users', 'listUsers', async () => (await import('./pages/users.tsx')).UsersPage, menu('Switch', 'Users')),
  route('/access', 'listSessions', async () => (await import('./pages/access.tsx')).AccessPage, menu('Switch', 'Sessions and tokens')),
  route('/audit', 'listAudit', async () => (await import('./pages/audit.tsx')).AuditPage, menu('Switch', 'Audit log')),
];

function route(
  path: string,
  needs: string,
  load: () => Promise<ComponentType>,
  place?: RouteEntry['menu'],
): RouteEntry {
  const page = lazy(async () => ({ default: await load() }));
  return { path, needs, page, menu: place };
}

function menu(group: MenuGroup, label: string): RouteEntry['menu'] {
  return { group, label };
}
