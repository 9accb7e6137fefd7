import { configuration, demo, type ConfigurationDocument } from '../configuration.ts';
import { freePorts } from '../free-ports.ts';
import type { RunningSwitch } from '../running-switch.ts';
import { Load } from './start-load.ts';

/** A trunk whose calls have their media anchored, and where media relays listen for it. */
export const anchoredTrunk = {
  name: 'anchored-trunk',
  address: '127.0.0.3',
  relayAddress: '127.0.0.9',
} as const;

/** A name for both carriers; whoever uses it has a name server that knows it. */
export const carriersName = 'carriers.example';

/** What a gateway proves to a carrier that wants credentials. */
export const gatewayCredentials = { username: 'tandem-out', password: 'carrier-secret' } as const;

/** What a switch is told before a load calls through it. */
export interface ConfiguredLoadOptions {
  /** Of account `demo`: more than all calls together cost. */
  readonly openingBalance: string;
  /** How switch and carriers talk. @default 'udp' */
  readonly carrierTransport?: 'udp' | 'tcp' | undefined;
  /** Changes the configuration before it is applied. @param ports those of the carriers */
  readonly configure?:
    ((document: ConfigurationDocument, ports: readonly number[]) => void) | undefined;
}

/** Starts a load and gives the switch the configuration that fits it: account, phone, trunk and both carriers. */
export async function startConfiguredLoad(
  running: RunningSwitch,
  { openingBalance, carrierTransport = 'udp', configure }: ConfiguredLoadOptions,
): Promise<Load> {
  const [first = 0, second = 0] = await freePorts(2);
  const document = configuration(first, second);
  for (const account of document.accounts) account['openingBalance'] = openingBalance;
  if (carrierTransport === 'tcp') {
    for (const gateway of document.routingGateways) gateway['transport'] = 'tcp';
  }
  configure?.(document, [first, second]);
  await running.configure(document);
  return Load.start({
    target: running.sip,
    carrierPorts: [first, second],
    carrierTransport,
    phone: { username: demo.phone, password: demo.password },
    trunkAddress: demo.trunkAddress,
    anchoredTrunkAddress: anchoredTrunk.address,
    relayAddress: anchoredTrunk.relayAddress,
    carriersName,
    gatewayCredentials,
  });
}
