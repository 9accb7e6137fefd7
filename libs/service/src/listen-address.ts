import { SwitchError } from '@tandem/domain';

/** A host and port to listen on. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `127.0.0.1:9000`, `[::1]:9000` or `:9000` (all addresses); port 0 takes any free one.
 * @throws SwitchError SWITCH_CONFIGURATION_INVALID
 */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3] ?? Number.NaN);
  if (match === null || port > 65_535) {
    throw new SwitchError(
      'SWITCH_CONFIGURATION_INVALID',
      `"${text}" is no address to listen on: write host:port, such as 127.0.0.1:9000`,
    );
  }
  const host = match[1] ?? match[2] ?? '';
  return { host: host === '' ? '::' : host, port };
}
