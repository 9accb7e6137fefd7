/** A page of the console, and what it is called. */
export interface ConsolePlace {
  readonly name: string;
  readonly path: string;
  readonly title: string | RegExp;
}

/** What the test has made, which pages are of. */
export interface ConsoleSubjects {
  readonly callId: string;
  readonly gateway: string;
  readonly traceId: string;
  readonly reratingId: number;
  readonly disputeId: number;
  readonly invoiceId: number;
  readonly replayId: string;
}

/** Every page. */
export function consolePages({
  callId,
  disputeId,
  gateway,
  invoiceId,
  replayId,
  reratingId,
  traceId,
}: ConsoleSubjects): readonly ConsolePlace[] {
  return [
    { name: 'now', path: '/', title: 'Now' },
    { name: 'alarms', path: '/alarms', title: 'Alarms' },
    { name: 'calls', path: '/calls', title: 'Current calls' },
    { name: 'cdrs', path: '/cdrs', title: 'CDRs' },
    { name: 'call', path: `/calls/${callId}`, title: /→/ },
    { name: 'analysis', path: '/analysis', title: 'Call analysis' },
    { name: 'traces', path: '/traces', title: 'Traces' },
    { name: 'trace', path: `/traces/${traceId}`, title: 'Trace of phone 1001' },
    { name: 'journal', path: '/journal', title: 'Journal' },
    { name: 'accounts', path: '/accounts', title: 'Balances' },
    { name: 'account', path: '/accounts/demo', title: 'demo' },
    { name: 'reseller', path: '/accounts/wholesale', title: 'wholesale' },
    { name: 'payments', path: '/payments', title: 'Payments' },
    { name: 'invoices', path: '/invoices', title: 'Invoices' },
    { name: 'invoice', path: `/invoices/${String(invoiceId)}`, title: /^Invoice, draft/ },
    { name: 'disputes', path: '/disputes', title: 'Disputes' },
    { name: 'dispute', path: `/disputes/${String(disputeId)}`, title: 'demo.csv' },
    { name: 'reratings', path: '/reratings', title: 'Re-rating' },
    { name: 'rerating', path: `/reratings/${String(reratingId)}`, title: /^Re-rating \d/ },
    { name: 'registrations', path: '/registrations', title: 'Registrations' },
    { name: 'registration', path: '/registrations/1001', title: '1001' },
    { name: 'security', path: '/security', title: 'Suspensions and black list' },
    { name: 'gateways', path: '/gateways', title: 'Gateways' },
    { name: 'gateway', path: `/gateways/${gateway}`, title: gateway },
    { name: 'routing', path: '/routing?callee=442079460000&from=1001', title: 'Routing analysis' },
    { name: 'numbers', path: '/numbers', title: 'Numbers in lists' },
    { name: 'number-list', path: '/numbers/vip', title: 'vip' },
    { name: 'route-file', path: '/routing/file', title: 'Routing analysis of a file' },
    { name: 'replays', path: '/replays', title: 'Replays' },
    { name: 'replay', path: `/replays/${replayId}`, title: /^Replay$/ },
    { name: 'phones', path: '/configuration/phones', title: 'Phones' },
    {
      name: 'new-gateway',
      path: '/configuration/routing-gateways/+',
      title: 'Add a routing gateway',
    },
    { name: 'rates', path: '/configuration/rate-groups/standard', title: 'standard' },
    { name: 'rate-sheets', path: '/rates/standard', title: 'Rates of standard' },
    { name: 'parameters', path: '/parameters', title: 'Parameters' },
    { name: 'versions', path: '/versions', title: 'Versions' },
    { name: 'version', path: '/versions/1', title: 'Version 1' },
    { name: 'pods', path: '/pods', title: 'Pods' },
    { name: 'users', path: '/users', title: 'Users' },
    { name: 'access', path: '/access', title: 'Sessions and tokens' },
    { name: 'audit', path: '/audit', title: 'Audit log' },
  ];
}
