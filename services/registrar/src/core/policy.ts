import { dynamicGateways, readParameters } from '@tandem/config';
import type { Phone, SlimConfiguration } from '@tandem/config';
import { atOnce, eachInSteps, sortedInSteps, type Steps } from '@tandem/domain';
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

/** The same as `phonesInSteps`, at once. */
export function phonesOf(configuration: SlimConfiguration, version: number): Phones {
  return atOnce(phonesInSteps(configuration, version));
}

/** Step by step: there may be a million phones, and calls in the same process go on in between. */
export function* phonesInSteps(configuration: SlimConfiguration, version: number): Steps<Phones> {
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
  const policies = new Map<string, RegisterPolicy>();
  yield* eachInSteps(configuration.phones, (phone) => {
    policies.set(phone.username, policyOf('phone', phone));
  });
  for (const each of dynamicGateways(configuration)) {
    policies.set(each.name, policyOf('gateway', each));
  }
  const names = yield* sortedInSteps([...policies.keys()]);
  const ofAccount = new Map<string, string[]>();
  const gateways: string[] = [];
  yield* eachInSteps(names, (name) => {
    const policy = policies.get(name);
    const account = policy?.account ?? '';
    if (policy?.kind === 'gateway') gateways.push(name);
    const others = ofAccount.get(account);
    if (others === undefined) ofAccount.set(account, [name]);
    else others.push(name);
  });
  return {
    version,
    keepalive: {
      intervalMs: parameters.SS_ENDPOINT_KEEPALIVE_INTERVAL * 1000,
      limit: parameters.SS_ENDPOINT_KEEPALIVE_LIMIT,
    },
    policies,
    names,
    gateways,
    ofAccount,
  };
}
