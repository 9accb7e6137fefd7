import { dynamicGateways, readParameters } from '@tandem/config';
import type { Phone, SlimConfiguration } from '@tandem/config';
import type { KeepaliveTerms } from './keepalive.ts';

/** How the registrations of a phone, or of a dynamic gateway, are dealt with. Seconds. */
export interface RegisterPolicy {
  readonly kind: 'phone' | 'gateway';
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

/** The phones and dynamic gateways of one version of the configuration: whoever may register. */
export interface Phones {
  readonly version: number;
  /** By username, or name of the gateway. */
  readonly policies: ReadonlyMap<string, RegisterPolicy>;
  readonly keepalive: KeepaliveTerms;
  /** Usernames in their order, and of these the names of gateways. */
  readonly names: readonly string[];
  readonly gateways: readonly string[];
  /** Usernames of each account, in their order. */
  readonly ofAccount: ReadonlyMap<string, readonly string[]>;
}

export function phonesOf(configuration: SlimConfiguration, version: number): Phones {
  const parameters = readParameters(configuration.parameters);
  const shared = {
    natSeconds: parameters.SS_ENDPOINT_NAT_EXPIRE,
    spread: parameters.SS_ENDPOINT_EXPIRE_SPREAD,
    replaces: parameters.SS_ENDPOINT_REGISTER_REPLACE === 1,
  };
  const policyOf = (
    kind: RegisterPolicy['kind'],
    { account, registration }: Pick<Phone, 'account' | 'registration'>,
  ): RegisterPolicy => {
    const minSeconds = registration?.minExpires ?? parameters.SS_ENDPOINT_EXPIRE_MIN;
    const maxSeconds = registration?.maxExpires ?? parameters.SS_ENDPOINT_EXPIRE_MAX;
    return {
      kind,
      account,
      minSeconds,
      maxSeconds: Math.max(minSeconds, maxSeconds),
      maxDevices: registration?.maxBindings ?? parameters.SERVER_REGISTRAR_MAX_BINDINGS,
      ...shared,
    };
  };
  const ofAccount = new Map<string, string[]>();
  const policies = new Map([
    ...configuration.phones.map((phone) => [phone.username, policyOf('phone', phone)] as const),
    ...dynamicGateways(configuration).map(
      (each) => [each.name, policyOf('gateway', each)] as const,
    ),
  ]);
  const names = [...policies.keys()].sort();
  for (const name of names) {
    const account = policies.get(name)?.account ?? '';
    const others = ofAccount.get(account);
    if (others === undefined) ofAccount.set(account, [name]);
    else others.push(name);
  }
  return {
    version,
    keepalive: {
      intervalMs: parameters.SS_ENDPOINT_KEEPALIVE_INTERVAL * 1000,
      limit: parameters.SS_ENDPOINT_KEEPALIVE_LIMIT,
    },
    policies,
    names,
    gateways: names.filter((name) => policies.get(name)?.kind === 'gateway'),
    ofAccount,
  };
}
