import { configuration } from '../configuration.ts';
import { freePort } from '../free-ports.ts';
import { startReal } from '../real-switch.ts';
import type { RunningSwitch } from '../running-switch.ts';
import { Carrier } from '../sipp.ts';
import { ConsoleBrowser } from './console-browser.ts';

/** A switch on the real stores, a carrier that answers, and a browser before the console. */
export interface ConsoleBench {
  readonly running: RunningSwitch;
  readonly carrier: Carrier;
  readonly browser: ConsoleBrowser;
  stop(): Promise<void>;
}

const WHOLESALE = [{ prefix: '44', pricePerMinute: '0.01', firstIncrement: 60, nextIncrement: 60 }];

/**
 * Starts them. Account `demo` is one of reseller `wholesale`. Account `poor`, of the trunk, has nothing; the gateways of the document have other prefixes than tests call, but for
 * `carrier-a` where `isAnswered`.
 */
export async function startConsoleBench({
  isAnswered,
}: {
  readonly isAnswered: boolean;
}): Promise<ConsoleBench> {
  const carrier = await Carrier.start({ scenario: 'carrier-answers', port: await freePort() });
  const running = await startReal({ layout: 'pod' });
  const document = configuration(carrier.port, await freePort());
  document.routingGateways = document.routingGateways.map((gateway) =>
    isAnswered && gateway['name'] === 'carrier-a' ? gateway : { ...gateway, prefixes: ['45'] },
  );
  const [account] = document.accounts;
  document.rateGroups.push({ ...document.rateGroups[0], name: 'wholesale', rates: WHOLESALE });
  document.accounts = [
    { ...account, parent: 'wholesale', invoicing: { issuer: 'acme' } },
    { ...account, name: 'wholesale', rateGroup: 'wholesale' },
    { ...account, name: 'poor', openingBalance: '0' },
  ];
  document.mappingGateways = document.mappingGateways.map((each) => ({ ...each, account: 'poor' }));
  const invoiceIssuers = [
    { name: 'acme', legalName: 'Acme Telecom Ltd', country: 'GB', series: 'INV-{year}-' },
  ];
  await running.configure({ ...document, invoiceIssuers, numberLists: [{ name: 'vip' }] });
  const browser = await ConsoleBrowser.start(running.api.base);
  return {
    running,
    carrier,
    browser,
    stop: async () => {
      await browser.stop();
      await running.stop();
      await carrier.stop();
    },
  };
}
