import type { MappingGateway, Phone, SlimConfiguration, SlimRoutingGateway } from './document.ts';
import type { Path } from './mistake.ts';

/** A gateway that registers here, with its name as user name (REG-10). */
export interface DynamicGateway {
  readonly name: string;
  /** Whom its calls are charged to; of one that makes none, whom calls to it are paid to; '' where nobody is. */
  readonly account: string;
  readonly registration: Phone['registration'];
  /** What it calls in as; undefined where it makes no calls. */
  readonly mapping: MappingGateway | undefined;
  /** What it is called as by prefix; undefined where its name alone is called. */
  readonly routing: SlimRoutingGateway | undefined;
}

/** Every dynamic gateway: mapping and routing gateways of one name are one. */
export function dynamicGateways({
  mappingGateways,
  routingGateways,
}: SlimConfiguration): DynamicGateway[] {
  const routing = new Map(
    routingGateways.filter(({ type }) => type === 'dynamic').map((each) => [each.name, each]),
  );
  const mapping = mappingGateways.filter(({ registration }) => registration !== undefined);
  const names = new Set(mapping.map(({ name }) => name));
  return [
    ...mapping.map((each) => {
      const { account, name, registration } = each;
      return { name, account, registration, mapping: each, routing: routing.get(name) };
    }),
    ...[...routing.values()].flatMap((each) => {
      const { account = '', name } = each;
      const alone = { name, account, registration: undefined, mapping: undefined, routing: each };
      return names.has(name) ? [] : [alone];
    }),
  ];
}

type Block = Readonly<Record<string, unknown>>;
type Mistakes = readonly (readonly [path: Path, message: string])[];

/** Where a gateway is that registers is not for its entry to say. */
const whereabouts = {
  addresses: 'it is where it registers from',
  transport: 'it is reached by what it registers over',
  localAddress: 'it knows the switch by the address that it registers at',
  certificate: 'it is reached over the connection that it opens',
  username: 'it registers with its name as user name',
  registration: 'it registers here, and the switch not there',
} as const;

const saysNothing: ReadonlySet<unknown> = new Set([undefined, 'auto']);

/**
 * What makes a routing gateway of its type impossible. The paths begin below the gateway.
 * @param passwordAt where the mapping gateway of its name has the password that it registers with
 */
export function gatewayTypeMistakes(gateway: Block, passwordAt: string | undefined): Mistakes {
  const { addresses, password, type } = gateway;
  const isAnywhere = Array.isArray(addresses) && addresses.length > 0;
  if (type !== 'dynamic') {
    const isMissing = addresses === undefined || (Array.isArray(addresses) && !isAnywhere);
    const message =
      'is missing: a static gateway has at least one address; one that registers here is of type: dynamic';
    return isMissing ? [[['addresses'], message]] : [];
  }
  const idle = Object.entries(whereabouts).flatMap(([key, why]) => {
    const isSet = key === 'addresses' ? isAnywhere : !saysNothing.has(gateway[key]);
    return isSet ? [[[key], `has no place at a dynamic gateway: ${why}`] as const] : [];
  });
  return [...idle, ...passwordMistakes(password, passwordAt)];
}

function passwordMistakes(password: unknown, passwordAt: string | undefined): Mistakes {
  if (password !== undefined && passwordAt !== undefined) {
    const message = `is set at ${passwordAt}, too: a gateway that calls in registers with the password that it calls with`;
    return [[['password'], message]];
  }
  if (password !== undefined || passwordAt !== undefined) return [];
  const message =
    'is missing: a dynamic gateway registers with its name and a password, which stands here, or at a mapping gateway of the same name that has a registration';
  return [[['password'], message]];
}

/** What makes a mapping gateway with a registration impossible. The paths begin below the gateway. */
export function dynamicOriginMistakes({ authentication, name, registration }: Block): Mistakes {
  if (registration === undefined || typeof authentication !== 'object' || authentication === null) {
    return [];
  }
  const { mode, username }: Block = { ...authentication };
  if (mode !== 'password') {
    return [[['registration'], 'has no effect without authentication.mode: password']];
  }
  if (username === undefined || username === name) return [];
  const message = `is ${JSON.stringify(username)}, but a gateway registers with its name as user name: write ${JSON.stringify(name)}, or leave it out`;
  return [[['authentication', 'username'], message]];
}
