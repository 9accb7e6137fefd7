import { hostPort } from './host-port.ts';

/** How a baresip is set up: no sound card, a sine tone as microphone. */
export interface BaresipOptions {
  readonly user: string;
  readonly password?: string;
  /** Where all requests go first; none where it only takes calls. */
  readonly outbound?: { readonly address: string; readonly port: number };
  /** Where it registers, for a minute each time. @default nowhere */
  readonly registrar?: { readonly address: string; readonly port: number };
  /** @default 'udp' */
  readonly transport?: 'udp' | 'tcp' | 'tls';
  /** Authorities that certificates of its registrar or proxy must be of, over TLS (PEM). */
  readonly caFile?: string;
  /** Its own certificate and key, in one file (PEM). @default none */
  readonly certificateFile?: string;
  /** The address of SIP and media. @default 127.0.0.1 */
  readonly address?: string;
  /** SRTP by keys in the description or by DTLS, and nothing else. @default plain RTP */
  readonly encryption?: 'srtp-mand' | 'dtls_srtp';
  /** @default false */
  readonly hasIce?: boolean;
  /** Commands that it runs in a network namespace with. @default that of the test */
  readonly within?: Namespace;
}

/** A network namespace as a test enters it. */
export interface Namespace {
  /** What stands before a command. */
  readonly prefix: readonly string[];
  /** An address of it that the test reaches and media does not know of. */
  readonly control: string;
}

/** Ports of one baresip. */
export interface BaresipPorts {
  readonly sip: number;
  readonly control: number;
  readonly media: number;
}

/** The address of its SIP and media. */
export function addressOf({ address = '127.0.0.1' }: Pick<BaresipOptions, 'address'>): string {
  return address;
}

/** Its main file. */
export function configurationFile(
  options: BaresipOptions,
  { sip, control, media }: BaresipPorts,
): string {
  const address = addressOf(options);
  return [
    `sip_listen ${hostPort(address, sip)}`,
    // Of two calls: one that is transferred is not over yet when the next one begins.
    `rtp_ports ${String(media)}-${String(media + 3)}`,
    `net_interface ${address}`,
    ...(options.caFile === undefined ? [] : [`sip_cafile ${options.caFile}`]),
    ...(options.certificateFile === undefined
      ? []
      : [`sip_certificate ${options.certificateFile}`]),
    'audio_source ausine,400',
    'ausrc_srate 48000',
    'ausrc_channels 2',
    'audio_player aubridge,sink',
    'audio_alert aubridge,alert',
    'audio_txmode thread',
    'rtp_stats yes',
    `ctrl_tcp_listen ${options.within?.control ?? '127.0.0.1'}:${String(control)}`,
    'module_path /usr/lib/baresip/modules',
    'module g711.so',
    'module ausine.so',
    'module aubridge.so',
    ...(options.encryption === undefined ? [] : [`module ${encryptionModule(options.encryption)}`]),
    ...(options.hasIce === true ? ['module ice.so'] : []),
    'module_app account.so',
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    '',
  ].join('\n');
}

/** Who it is. */
export function accountLine(options: BaresipOptions, port: number): string {
  const { user, password, outbound, encryption, hasIce, registrar, transport = 'udp' } = options;
  const over = transport === 'udp' ? '' : `;transport=${transport}`;
  const home =
    registrar === undefined
      ? hostPort(addressOf(options), port)
      : hostPort(registrar.address, registrar.port);
  const parameters = [
    ...(password === undefined ? [] : [`auth_user=${user}`, `auth_pass=${password}`]),
    ...(outbound === undefined
      ? []
      : [`outbound="sip:${hostPort(outbound.address, outbound.port)}${over}"`]),
    ...(encryption === undefined ? [] : [`mediaenc=${encryption}`]),
    ...(hasIce === true ? ['medianat=ice'] : []),
    `regint=${registrar === undefined ? '0' : '60'}`,
    'answermode=auto',
    'audio_codecs=pcma/8000/1',
  ];
  return `<sip:${user}@${home}${over}>;${parameters.join(';')}\n`;
}

function encryptionModule(encryption: NonNullable<BaresipOptions['encryption']>): string {
  return encryption === 'dtls_srtp' ? 'dtls_srtp.so' : 'srtp.so';
}
