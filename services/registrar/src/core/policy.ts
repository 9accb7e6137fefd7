import { readParameters } from '@tandem/config';
import type { Configuration, Phone } from '@tandem/config';
import type { KeepaliveTerms } from './keepalive.ts';

/** How the registrations of a phone are dealt with. Seconds. */
export interface RegisterPolicy {
  readonly account: string;
  readonly minSeconds: number;
  readonly maxSeconds: number;
  readonly natSeconds: number;
  /** SS_ENDPOINT_EXPIRE_SPREAD, percent. */
  readonly spread: number;
  /** Devices at once. */
  readonly maxDevices: number;
  /** SS_ENDPOINT_REGISTER_REPLACE. */
  readonly replaces: boolean;
}

/** The phones of one version of the configuration. */
export interface Phones {
  readonly version: number;
  /** By username. */
  readonly policies: ReadonlyMap<string, RegisterPolicy>;
  readonly keepalive: KeepaliveTerms;
  /** Usernames in their order. */
  readonly names: readonly string[];
  /** Usernames of each account, in their order. */
  readonly ofAccount: ReadonlyMap<string, readonly string[]>;
}

export function phonesOf(configuration: Configuration, version: number): Phones {
  const { phones } = configuration;
  const parameters = readParameters(configuration.parameters);
  const shared = {
    natSeconds: parameters.SS_ENDPOINT_NAT_EXPIRE,
    spread: parameters.SS_ENDPOINT_EXPIRE_SPREAD,
    replaces: parameters.SS_ENDPOINT_REGISTER_REPLACE === 1,
  };
  const policyOf = ({ account, registration }: Phone): RegisterPolicy => {
    const minSeconds = registration?.minExpires ?? parameters.SS_ENDPOINT_EXPIRE_MIN;
    const maxSeconds = registration?.maxExpires ?? parameters.SS_ENDPOINT_EXPIRE_MAX;
    return {
      account,
      minSeconds,
      maxSeconds: Math.max(minSeconds, maxSeconds),
      maxDevices: registration?.maxBindings ?? parameters.SERVER_REGISTRAR_MAX_BINDINGS,
      ...shared,
    };
  };
  const ofAccount = new Map<string, string[]>();
  const sorted = phones.toSorted((a, b) => (a.username < b.username ? -1 : 1));
  for (const { account, username } of sorted) {
    const names = ofAccount.get(account);
    if (names === undefined) ofAccount.set(account, [username]);
    else names.push(username);
  }
  return {
    version,
    keepalive: {
      intervalMs: parameters.SS_ENDPOINT_KEEPALIVE_INTERVAL * 1000,
      limit: parameters.SS_ENDPOINT_KEEPALIVE_LIMIT,
    },
    policies: new Map(phones.map((phone) => [phone.username, policyOf(phone)])),
    names: sorted.map(({ username }) => username),
    ofAccount,
  };
}
