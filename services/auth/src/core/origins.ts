import {
  challengeAlgorithms,
  dynamicGateways,
  type SlimConfiguration,
  type MappingGateway,
  type Phone,
} from '@tandem/config';
import { eachInSteps, type Steps } from '@tandem/domain';
import { identityTermsOf } from '@tandem/domain';
import type { AuthenticateRequest } from '@tandem/proto/auth';
import { AddressTable } from './address-table.ts';
import type { ChallengeAlgorithm } from './auth-configuration.ts';
import { addressKey, parseIpAddress, type IpAddress } from './ip-address.ts';
import { NearestList } from './nearest-list.ts';

/** Who a request may be from: a phone or a gateway of the configuration. */
interface Origin {
  /** A routing gateway only registers: it makes no calls. */
  readonly kind: 'phone' | 'mapping-gateway' | 'routing-gateway';
  /** The phone's username or the gateway's name. */
  readonly name: string;
  readonly account: string;
  readonly signing: CallSigning;
  /** Where it takes answers (CALL-07). @default at its socket */
  readonly replyAddress?: string | undefined;
  /** Names of which the certificate of its connection must prove one (CALL-02). @default none is asked for */
  readonly certificateNames?: readonly string[] | undefined;
}

/** What holds of the signatures of an origin's calls (CALL-12). */
export interface CallSigning {
  readonly verify: NonNullable<MappingGateway['stir']>['verify'];
  /** Sum of `identityTerms`: whether what it asserts counts. */
  readonly terms: number;
}

/** An origin that proves itself by digest. */
export interface PasswordOrigin extends Origin {
  readonly username: string;
  /** Whether it may register (REG-10). */
  readonly registers: boolean;
  /** Where a phone may be (REG-10). @default anywhere */
  readonly places?: OwnPlaces | undefined;
  readonly realm: string;
  /** Undefined: no password proves it. */
  readonly password: KeptPassword | undefined;
  /** Right beside it until a time (AUTH-13). */
  readonly previousPassword: (KeptPassword & { readonly untilMs: number }) | undefined;
  /** That it is challenged with. @default those of the deployment */
  readonly algorithms: readonly ChallengeAlgorithm[] | undefined;
}

/** Where a phone registers and calls from (REG-10). */
interface OwnPlaces {
  /** The address alone says who it is; else its password does, too. */
  readonly isEnough: boolean;
  readonly addresses: readonly string[];
  readonly blocks: AddressTable<true>;
}

/** A password as auth has it. */
export interface KeptPassword {
  /** As the configuration keeps it (AUTH-12); only `ha1Of` opens it. */
  readonly sealed: string;
  /** HA1 by algorithm, filled when it is first needed; ends with the snapshot. */
  readonly ha1: Map<string, string>;
}

/** An origin that is known by where its requests come from. */
export interface AddressOrigin extends Origin {
  readonly mode: 'ip' | 'ip-port';
  readonly addresses: readonly string[];
  /** The addresses without ports: from where its nodes may speak in a dialog that one of them began. */
  readonly hosts: readonly string[];
}

/** Whether it comes from where it may be; where the network hides that, nobody knows (CALL-07). */
export function isInPlace(
  { places }: Pick<PasswordOrigin, 'places'>,
  { sourceAddress, sourceHidden }: Pick<AuthenticateRequest, 'sourceAddress' | 'sourceHidden'>,
): boolean {
  if (places === undefined) return true;
  const address = sourceHidden ? undefined : parseIpAddress(sourceAddress);
  return address !== undefined && places.blocks.find(address) === true;
}

/** REG-10: a gateway registers where it is dynamic, and calls where it is a mapping gateway; a phone does both. */
export function maySend({ kind, registers }: PasswordOrigin, method: string): boolean {
  return method === 'REGISTER' ? registers : kind !== 'routing-gateway';
}

/** Where a request came from. */
export interface Source {
  readonly address: string;
  readonly port: number;
}

/** What the source address alone says. */
export type SourceMatch =
  | { readonly kind: 'origin'; readonly origin: AddressOrigin }
  /** The address is that of a gateway in mode `ip-port`, the port is not. */
  | { readonly kind: 'wrong-port'; readonly origin: AddressOrigin }
  | { readonly kind: 'unknown' };

/** Everybody who may send requests, ready to be found: made once per snapshot of the configuration. */
export class Origins {
  readonly #defaultRealm: string;
  readonly #blocks = new AddressTable<AddressOrigin>();
  readonly #ports = new Map<string, AddressOrigin>();
  readonly #hosts = new Map<string, AddressOrigin>();
  readonly #lists = new NearestList();
  readonly #byName = new Map<string, AddressOrigin>();
  readonly #byUsername = new Map<string, PasswordOrigin>();
  /** User names by their lower case: RFC 7616 tells case apart, people do not. */
  readonly #spellings = new Map<string, string>();
  readonly #realms = new Map<string, string>();

  private constructor(realm: string) {
    this.#defaultRealm = realm;
    this.#addRealm(realm);
  }

  static *inSteps(configuration: SlimConfiguration): Steps<Origins> {
    const origins = new Origins(configuration.realm);
    yield* eachInSteps(configuration.phones, (phone) => {
      origins.#addPassword(phoneOrigin(phone, configuration.realm));
    });
    yield* eachInSteps(configuration.mappingGateways, (gateway) => {
      origins.#addGateway(gateway);
    });
    for (const { account, mapping, name, routing } of dynamicGateways(configuration)) {
      if (mapping !== undefined || routing?.password === undefined) continue;
      origins.#addPassword({
        kind: 'routing-gateway',
        name,
        account,
        signing: unsigned,
        username: name,
        registers: true,
        realm: configuration.realm,
        ...passwordsOf({ password: routing.password }),
      });
    }
    return origins;
  }

  /** Mode `ip-port` before `ip`, and the most specific block of several: AUTH-01. */
  bySource(source: Source): SourceMatch {
    const address = parseIpAddress(source.address);
    if (address === undefined) return { kind: 'unknown' };
    const host = addressKey(address);
    const exact = this.#ports.get(portKey(host, source.port)) ?? this.#blocks.find(address);
    if (exact !== undefined) return { kind: 'origin', origin: exact };
    const wrongPort = this.#hosts.get(host);
    return wrongPort === undefined
      ? { kind: 'unknown' }
      : { kind: 'wrong-port', origin: wrongPort };
  }

  /** A phone, or a gateway that proves itself by digest. The configuration has each username once, in one realm. */
  byUsername(username: string): PasswordOrigin | undefined {
    return this.#byUsername.get(username);
  }

  /** The configured user name that differs in case alone: one look-up, so that the time tells nothing (AUTH-05). */
  spellingOf(username: string): string | undefined {
    return this.#spellings.get(username.toLowerCase());
  }

  /** A gateway that is known by its address, by its name. */
  byName(name: string): AddressOrigin | undefined {
    return this.#byName.get(name);
  }

  /** The gateway whose list comes nearest to an address that none lists (AUTH-14). */
  nearest(source: string): AddressOrigin | undefined {
    const address = parseIpAddress(source);
    return address === undefined ? undefined : this.#lists.find(address);
  }

  get defaultRealm(): string {
    return this.#defaultRealm;
  }

  isOwnRealm(realm: string): boolean {
    return this.#realms.has(realm.toLowerCase());
  }

  /**
   * The realm to challenge with (AUTH-05): that of the user who claims to call, else the first of the
   * domains the request names that is one of ours, else the default.
   */
  realmFor(user: string, domains: readonly string[]): string {
    const known = this.#byUsername.get(user);
    if (known !== undefined) return known.realm;
    for (const domain of domains) {
      const realm = this.#realms.get(domain.toLowerCase());
      if (realm !== undefined) return realm;
    }
    return this.#defaultRealm;
  }

  #addGateway(gateway: MappingGateway): void {
    const { name, account, authentication, certificateNames } = gateway;
    const signing = signingOf(gateway);
    const replyAddress = gateway.replyAddress === 'socket' ? undefined : gateway.replyAddress;
    if (authentication.mode === 'password') {
      const { username = name, realm = this.#defaultRealm } = authentication;
      this.#addPassword({
        kind: 'mapping-gateway',
        name,
        account,
        signing,
        replyAddress,
        certificateNames,
        username,
        registers: gateway.registration !== undefined,
        realm,
        ...passwordsOf(authentication),
      });
      return;
    }
    const { mode, addresses } = authentication;
    const hosts = mode === 'ip' ? addresses : [...new Set(addresses.map(hostOf))];
    const origin: AddressOrigin = {
      kind: 'mapping-gateway',
      name,
      account,
      signing,
      replyAddress,
      certificateNames,
      mode,
      addresses,
      hosts,
    };
    this.#byName.set(name, origin);
    for (const text of addresses) {
      this.#lists.add(mode === 'ip' ? text : hostOf(text), origin);
      if (mode === 'ip') this.#blocks.add(text, origin);
      else this.#addHostPort(text, origin);
    }
  }

  #addHostPort(text: string, origin: AddressOrigin): void {
    const address: IpAddress | undefined = parseIpAddress(hostOf(text));
    // The source of a datagram is an address: a host name can never equal it.
    if (address === undefined) return;
    const key = addressKey(address);
    setFirst(this.#ports, portKey(key, Number(text.slice(text.lastIndexOf(':') + 1))), origin);
    setFirst(this.#hosts, key, origin);
  }

  #addPassword(origin: PasswordOrigin): void {
    this.#addRealm(origin.realm);
    setFirst(this.#byUsername, origin.username, origin);
    setFirst(this.#spellings, origin.username.toLowerCase(), origin.username);
  }

  #addRealm(realm: string): void {
    setFirst(this.#realms, realm.toLowerCase(), realm);
  }
}

function phoneOrigin(phone: Phone, defaultRealm: string): PasswordOrigin {
  const { username, account, realm = defaultRealm } = phone;
  return {
    kind: 'phone',
    name: username,
    account,
    signing: unsigned,
    username,
    registers: true,
    places: placesOf(phone),
    realm,
    ...passwordsOf(phone),
  };
}

function placesOf({ addresses, authentication }: Phone): OwnPlaces | undefined {
  if (addresses === undefined) return undefined;
  const blocks = new AddressTable<true>();
  for (const block of addresses) blocks.add(block, true);
  return { isEnough: authentication === 'ip', addresses, blocks };
}

function passwordsOf({
  password,
  previousPassword: previous,
  algorithms,
}: Pick<Phone, 'password'> & Partial<Pick<Phone, 'previousPassword' | 'algorithms'>>): Pick<
  PasswordOrigin,
  'password' | 'previousPassword' | 'algorithms'
> {
  return {
    password: password === undefined ? undefined : kept(password),
    previousPassword: previous && {
      ...kept(previous.password),
      untilMs: Date.parse(previous.validUntil),
    },
    // RFC 8760 §2.4: the strongest first, whatever the order they were written in.
    algorithms: algorithms && challengeAlgorithms.filter((each) => algorithms.includes(each)),
  };
}

function kept(sealed: string): KeptPassword {
  return { sealed, ha1: new Map() };
}

const unsigned: CallSigning = { verify: 'off', terms: 0 };

function signingOf({ identity, stir }: MappingGateway): CallSigning {
  const { verify = 'off' } = stir ?? {};
  return verify === 'off' ? unsigned : { verify, terms: identityTermsOf(identity) };
}

function setFirst<K, V>(map: Map<K, V>, key: K, value: V): void {
  if (!map.has(key)) map.set(key, value);
}

/** The host of `host:port`, an IPv6 literal without its brackets. */
function hostOf(text: string): string {
  return text.slice(0, text.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}

function portKey(host: string, port: number): string {
  return `${host}:${String(port)}`;
}
