/** A page of the console, and what it is called. */
export interface ConsolePlace {
  readonly name: string;
  readonly path: string;
  readonly title: string | RegExp;
}

/** Every page, with the call and the gateway that the test has made. */
export function consolePages(callId: string, gateway: string): readonly ConsolePlace[] {
  return [
    { name: 'now', path: '/', title: 'Now' },
    { name: 'calls', path: '/calls', title: 'Current calls' },
    { name: 'cdrs', path: '/cdrs', title: 'CDRs' },
    { name: 'call', path: `/calls/${callId}`, title: /→/ },
    { name: 'journal', path: '/journal', title: 'Journal' },
    { name: 'accounts', path: '/accounts', title: 'Balances' },
    { name: 'registrations', path: '/registrations', title: 'Registrations' },
    { name: 'registration', path: '/registrations/1001', title: '1001' },
    { name: 'security', path: '/security', title: 'Suspensions and black list' },
    { name: 'gateways', path: '/gateways', title: 'Gateways' },
    { name: 'gateway', path: `/gateways/${gateway}`, title: gateway },
    { name: 'routing', path: '/routing?callee=442079460000&from=1001', title: 'Routing analysis' },
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
  ];
}
