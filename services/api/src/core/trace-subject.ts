import { parseHostPort, parseNetwork, type Configuration } from '@tandem/config';

/** What may be traced; exactly one of them is asked for. */
export interface TraceAsked {
  readonly address?: string | undefined;
  readonly gateway?: string | undefined;
  readonly phone?: string | undefined;
  readonly number?: string | undefined;
}

/** What messages are known by that belong to it. */
export interface TraceSubject {
  /** In words, such as "gateway carrier". */
  readonly about: string;
  /** Addresses and CIDR blocks of peers. */
  readonly addresses: readonly string[];
  /** User parts of URIs and credentials. */
  readonly users: readonly string[];
}

/** Where a routing gateway is, as routing knows it. */
export interface GatewayPlaces {
  readonly isKnown: boolean;
  readonly isDynamic: boolean;
  /** Addresses without ports. */
  readonly addresses: readonly string[];
}

/** The one thing that is asked for; in words what is wrong where it is none, or several. */
export function singleSubject(
  asked: TraceAsked,
): { kind: keyof TraceAsked; name: string } | string {
  const kinds = ['address', 'gateway', 'phone', 'number'] as const;
  const given = kinds.flatMap((kind) => ({ kind, name: asked[kind] ?? '' }));
  const [single, ...others] = given.filter(({ name }) => name !== '');
  if (single !== undefined && others.length === 0) return single;
  return 'say what to trace: one of address, gateway, phone and number';
}

/** @returns in words why it is none */
export function addressSubject(address: string): TraceSubject | string {
  const network = parseNetwork(address);
  if (typeof network === 'string') return `address: ${network}`;
  return { about: `address ${address}`, addresses: [address], users: [] };
}

export function numberSubject(number: string): TraceSubject {
  return { about: `number ${number}`, addresses: [], users: [number] };
}

/** @returns undefined where there is no such phone */
export function phoneSubject(
  configuration: Configuration | undefined,
  username: string,
): TraceSubject | undefined {
  const phone = configuration?.phones.find((one) => one.username === username);
  if (phone === undefined) return undefined;
  const addresses = (phone.authentication === 'ip' ? phone.addresses : undefined) ?? [];
  return { about: `phone ${username}`, addresses, users: [username] };
}

/** Of a mapping gateway, a routing gateway, or both where they have one name. @returns undefined where there is neither */
export function gatewaySubject(
  configuration: Configuration | undefined,
  name: string,
  places: GatewayPlaces,
): TraceSubject | undefined {
  const mapping = configuration?.mappingGateways.find((one) => one.name === name);
  if (mapping === undefined && !places.isKnown) return undefined;
  const isDynamic = places.isDynamic || mapping?.registration !== undefined;
  const known = mapping === undefined ? noMarks : marksOf(mapping);
  return {
    about: `gateway ${name}`,
    addresses: [...new Set([...known.addresses, ...places.addresses])],
    users: [...new Set([...(isDynamic ? [name] : []), ...known.users])],
  };
}

type Marks = Pick<TraceSubject, 'addresses' | 'users'>;
const noMarks: Marks = { addresses: [], users: [] };

function marksOf({ authentication, name }: Configuration['mappingGateways'][number]): Marks {
  switch (authentication.mode) {
    case 'ip':
      return { addresses: authentication.addresses, users: [] };
    case 'ip-port':
      return { addresses: authentication.addresses.flatMap(hostOf), users: [] };
    case 'password':
      return { addresses: [], users: [authentication.username ?? name] };
  }
}

function hostOf(text: string): readonly string[] {
  const place = parseHostPort(text);
  return typeof place === 'string' ? [] : [place.host];
}
