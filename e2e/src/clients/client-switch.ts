import { OwnRtpengine, TlsFiles } from '@tandem/testing';
import { Baresip } from '../baresip.ts';
import type { BaresipOptions } from '../baresip-files.ts';
import { startTestCluster, type TestCluster } from '../cluster/test-cluster.ts';
import type { TestClusterOptions } from '../cluster/test-cluster.ts';
import { configuration, demo } from '../configuration.ts';
import type { ConfigurationDocument } from '../configuration.ts';
import { freePorts } from '../free-ports.ts';
import { hostPort } from '../host-port.ts';
import type { WebPhoneAccount } from '../web-phones/page/page-phone.ts';

/** A switch of telephones. */
export interface ClientSwitchOptions extends Pick<
  TestClusterOptions,
  'env' | 'isRespawning' | 'layout' | 'mode' | 'pods'
> {
  /** Changes the configuration before it is applied. */
  readonly configure?: (document: ConfigurationDocument) => void;
}

type ConnectionTransport = 'tls' | 'ws' | 'wss';

interface Started {
  readonly running: TestCluster;
  readonly relay: OwnRtpengine;
  readonly files: TlsFiles;
  readonly ports: Readonly<Record<ConnectionTransport, number>>;
  readonly removeFiles: () => void;
}

const HOST = '127.0.0.1';
/** Phones whose media is as it comes. */
const plainPhones = ['1001', '1002', '1003', '1004', '1005', '1006'];
/** Phones of browsers. */
const webPhones = ['2001', '2002', '2003', '2004'];
const webMedia = { mode: 'needed', srtp: 'dtls', ice: 'force' };

/** A switch that telephones reach over every transport, with a media relay. They all have the demo's password, and call each other for nothing. */
export class ClientSwitch {
  readonly running: TestCluster;
  /** Certificates of the authority that the switch's own is of. */
  readonly files: TlsFiles;
  readonly ports: Started['ports'];
  readonly #relay: OwnRtpengine;
  readonly #removeFiles: () => void;

  private constructor({ running, relay, files, ports, removeFiles }: Started) {
    this.running = running;
    this.files = files;
    this.ports = ports;
    this.#relay = relay;
    this.#removeFiles = removeFiles;
  }

  static async start(options: ClientSwitchOptions = {}): Promise<ClientSwitch> {
    const { configure, env, ...cluster } = options;
    let removeFiles = (): void => undefined;
    const files = new TlsFiles({
      after: (remove) => {
        removeFiles = remove;
      },
    });
    const own = files.issue({ domains: ['edge.example'], addresses: [HOST] });
    const [tls = 0, ws = 0, wss = 0] = await freePorts(3);
    const ports = { tls, ws, wss };
    const relay = await OwnRtpengine.start();
    const running = await startTestCluster({
      pods: 2,
      isRespawning: false,
      ...cluster,
      connections: Object.entries(ports).map(([name, port]) => `${name}:${hostPort(HOST, port)}`),
      env: {
        TANDEM_SIP_TLS_CERTIFICATES: files.write('own', own),
        TANDEM_SIP_TLS_CA: files.caFile,
        TANDEM_RTPENGINES: `udp:${hostPort(HOST, relay.port)}`,
        ...env,
      },
    });
    const document = documentOfPhones();
    configure?.(document);
    await running.configure(document);
    return new ClientSwitch({ running, relay, files, ports, removeFiles });
  }

  /** What a phone dials. */
  uri(number: string): string {
    return `sip:${number}@${hostPort(HOST, this.running.sip.port)}`;
  }

  webAccount(user: string, transport: 'ws' | 'wss'): WebPhoneAccount {
    return {
      server: `${transport}://${hostPort(HOST, this.ports[transport])}/`,
      uri: `sip:${user}@${HOST}`,
      user,
      password: demo.password,
    };
  }

  /** A baresip that is registered, over UDP unless said otherwise. */
  async baresip(user: string, more: Partial<BaresipOptions> = {}): Promise<Baresip> {
    const registrar = this.running.sip;
    const phone = await Baresip.start({ user, password: demo.password, registrar, ...more });
    await phone.registered();
    return phone;
  }

  async stop(): Promise<void> {
    await this.running.stop();
    await this.#relay.kill();
    this.#removeFiles();
  }
}

function documentOfPhones(): ConfigurationDocument {
  const document = configuration(0, 0);
  const rates = document.rateGroups[0]?.['rates'] as unknown[];
  rates.push({ prefix: '10', pricePerMinute: '0' }, { prefix: '20', pricePerMinute: '0' });
  const phone = { password: demo.password, account: demo.account };
  document.routingGateways = [];
  document.phones = [
    ...plainPhones.map((username) => ({ ...phone, username })),
    ...webPhones.map((username) => ({ ...phone, username, media: webMedia })),
  ];
  return document;
}
