import { join } from 'node:path';
import { freePort } from '../free-ports.ts';
import { hostPort } from '../host-port.ts';
import { ManagedProcess } from '../managed-process.ts';

/** Who it is and where it registers; whom it calls, for a second, where it does not wait for a call. */
export interface NetSipOptions {
  readonly user: string;
  readonly password: string;
  readonly registrar: { readonly address: string; readonly port: number };
  readonly calls?: string;
}

/** Starts a phone of Perl's Net::SIP; it writes registered, listening, established, ended and unregistered. */
export async function startNetSip(options: NetSipOptions): Promise<ManagedProcess> {
  const { user, password, registrar, calls } = options;
  return new ManagedProcess({
    name: `Net::SIP ${user}`,
    command: 'perl',
    args: [
      join(import.meta.dirname, 'net-sip-phone.pl'),
      String(await freePort()),
      hostPort(registrar.address, registrar.port),
      ...[user, password, ...(calls === undefined ? [] : [calls])],
    ],
  });
}
