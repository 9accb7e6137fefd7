import { formatHostPort, parseUri } from '@tandem/sip';

/** Where a gateway is, as the document has it. */
export interface GatewayAddress {
  readonly address: string;
  readonly transport?: 'udp' | 'tcp' | 'tls';
}

const TRANSPORTS = new Map([['udp', 'udp'], ['tcp', 'tcp'], ['tls', 'tls']] as const); // prettier-ignore

/** Reads `sip:host:port;transport=tcp`, or without `sip:` as drouting has it; undefined where it is neither. */
export function gatewayAddress(text: string): GatewayAddress | undefined {
  try {
    const uri = parseUri(/^sips?:/i.test(text) ? text : `sip:${text}`);
    if (uri.scheme !== 'sip' && uri.scheme !== 'sips') return undefined;
    const written = uri.params.get('transport');
    const named = typeof written === 'string' ? written.toLowerCase() : undefined;
    const transport = uri.scheme === 'sips' ? 'tls' : named;
    const known = transport === undefined ? 'udp' : TRANSPORTS.get(transport as 'udp');
    if (known === undefined) return undefined;
    const address = uri.port === undefined ? uri.host : formatHostPort(uri.host, uri.port);
    return transport === undefined ? { address } : { address, transport: known };
  } catch {
    return undefined;
  }
}
