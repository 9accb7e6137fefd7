import type { RegisterRequest, RequestedContact } from '@tandem/proto/registrar';
import {
  isSameUri,
  isSipsUri,
  parseNameAddr,
  parseUri,
  SipParseError,
  transportNamed,
} from '@tandem/sip';
import { deviceOf, isHeld, recentTakeovers, takeoversOf } from './binding.ts';
import type { Binding } from './binding.ts';
import { isBehindNat } from './nat.ts';
import type { RegisterPolicy } from './policy.ts';

/** A REGISTER, and all that its outcome depends on besides the bindings there are. */
export interface Registering {
  readonly request: Omit<RegisterRequest, 'traceParent'>;
  /** The same for a repeated request, and only for that. */
  readonly mark: number;
  readonly policy: RegisterPolicy;
  readonly nowMs: number;
  /** In [0, 1): REG-07. */
  readonly random: number;
}

export type RegisterOutcome =
  | {
      readonly kind: 'registered';
      /** All that there are now; those that were there before are the same objects. */
      readonly bindings: readonly Binding[];
      readonly changes: Changes;
      /** When it was decided. */
      readonly nowMs: number;
    }
  | Refused;

/** What has become of bindings, for people and counters. */
export interface Changes {
  readonly added: readonly Binding[];
  readonly refreshed: readonly Binding[];
  /** As the phone has asked. */
  readonly removed: readonly Binding[];
  /** Of a device that had to make room (REG-03), or has moved. */
  readonly replaced: readonly Binding[];
}

interface Refused {
  readonly kind: 'refused';
  readonly cause: RefusalCause;
  /** For people. */
  readonly text: string;
  /** Of IntervalTooBrief: seconds. */
  readonly minSeconds?: number;
}

type RefusalCause = 'IntervalTooBrief' | 'BindingsFull' | 'OutOfOrder' | 'Malformed';

/** As many as a phone has addresses. */
const MOST_CONTACTS = 16;
/** Connections at once of one device (RFC 5626 §4.2). */
const MOST_FLOWS = 4;
const MOST_PATHS = 8;
/** Of a contact with its instance, and of all of a Path: they are kept with each binding. */
const LONGEST_CONTACT = 1024;
const LONGEST_PATH = 2048;

/**
 * What a REGISTER makes of the bindings of its address of record (RFC 3261 §10.3, REG-01): all that it asks for, or nothing.
 * The request was found to be from whom it says, who may ask for it.
 */
export function register(before: readonly Binding[], registering: Registering): RegisterOutcome {
  const { nowMs, request } = registering;
  const draft = new Draft(
    before.filter((binding) => isHeld(binding, nowMs)),
    registering,
  );
  const { contacts, isStar } = request;
  const fault = faultOf(request);
  if (fault !== undefined) return malformed(fault);
  if (isStar) return draft.removeAll();
  for (const contact of contacts) {
    const refused = draft.take(contact);
    if (refused !== undefined) return refused;
  }
  return contacts.length === 0 ? draft.outcome() : draft.fit();
}

/** What makes a request that nobody can follow; undefined where all is well. */
function faultOf(request: Registering['request']): string | undefined {
  const { contacts, expires, isStar, path, transport } = request;
  // RFC 3261 §10.2.2, §10.3 step 6.
  if (isStar && contacts.length > 0) return 'Contact * stands beside other contacts';
  if (isStar && expires !== 0) return 'Contact * goes with Expires: 0 alone';
  if (contacts.length > MOST_CONTACTS) return `more than ${String(MOST_CONTACTS)} contacts`;
  if (path.length > MOST_PATHS) return `more than ${String(MOST_PATHS)} values of Path`;
  const isLong = contacts.some(
    ({ instance, uri }) => uri.length + instance.length > LONGEST_CONTACT,
  );
  if (isLong) return `a contact of more than ${String(LONGEST_CONTACT)} characters`;
  if (path.join('').length > LONGEST_PATH)
    return `a Path of more than ${String(LONGEST_PATH)} characters`;
  if (contacts.some(({ uri }) => !isSip(uri))) return 'a contact is no SIP URI';
  return contacts.some(({ uri }) => isSipsUri(uri)) ? sipsFault(transport, path) : undefined;
}

/** RFC 5630 §5.2: what is called by a sips URI is reached by secure hops alone. */
function sipsFault(transport: string, path: readonly string[]): string | undefined {
  if (transportNamed(transport)?.isSecure !== true) {
    return `a sips contact is registered over TLS or wss, not over ${transport}`;
  }
  return path.every((value) => isSipsUri(parseNameAddr(value).uri))
    ? undefined
    : 'a sips contact has a Path of sips URIs alone';
}

function isSip(uri: string): boolean {
  try {
    return ['sip', 'sips'].includes(parseUri(uri).scheme);
  } catch (error) {
    if (error instanceof SipParseError) return false;
    throw error;
  }
}

/** The bindings while a request is worked off. */
class Draft {
  readonly #registering: Registering;
  #bindings: readonly Binding[];
  readonly #before: readonly Binding[];
  readonly #devices: ReadonlySet<string>;
  /** Of this request, the repeated ones too. */
  readonly #own = new Set<Binding>();
  #added: Binding[] = [];
  #refreshed: Binding[] = [];
  readonly #removed: Binding[] = [];
  readonly #replaced: Binding[] = [];

  constructor(bindings: readonly Binding[], registering: Registering) {
    this.#registering = registering;
    this.#bindings = bindings;
    this.#before = bindings;
    this.#devices = new Set(bindings.map(deviceOf));
  }

  /** RFC 3261 §10.3 step 6. */
  removeAll(): RegisterOutcome {
    const stale = this.#bindings.find((binding) => this.#isStale(binding));
    if (stale !== undefined) return outOfOrder(stale);
    this.#removed.push(...this.#bindings);
    this.#bindings = [];
    return this.outcome();
  }

  /** RFC 3261 §10.3 step 7. */
  take(contact: RequestedContact): Refused | undefined {
    const { policy, request } = this.#registering;
    const asked = contact.expires ?? request.expires ?? policy.maxSeconds;
    // RFC 3261 §10.2.8: an hour or more is never too brief.
    const isBrief = asked > 0 && asked < policy.minSeconds && asked < 3600;
    if (isBrief) return tooBrief(asked, policy);
    const same = this.#bindings.filter((binding) => this.#isSame(binding, contact));
    const moved = asked === 0 ? [] : this.#bindings.filter((each) => this.#hasMoved(each, same));
    const repeated = same.find((binding) => this.#isRepeated(binding));
    if (repeated !== undefined && asked > 0) {
      this.#own.add(repeated);
      return undefined;
    }
    const stale = [...same, ...moved].find((binding) => this.#isStale(binding));
    if (stale !== undefined) return outOfOrder(stale);
    this.#bindings = this.#bindings.filter((each) => !same.includes(each) && !moved.includes(each));
    if (asked === 0) this.#removed.push(...same);
    else {
      this.#replaced.push(...moved);
      this.#bind(contact, asked, same);
    }
    return undefined;
  }

  /** REG-03: no more devices than there may be, no more connections of each than it may have. */
  fit(): RegisterOutcome {
    const { nowMs, policy } = this.#registering;
    this.#dropFlows();
    const devices = new Map<string, number>();
    for (const binding of this.#bindings) {
      const { refreshedMs } = binding;
      const device = deviceOf(binding);
      devices.set(device, Math.max(refreshedMs, devices.get(device) ?? 0));
    }
    const over = devices.size - policy.maxDevices;
    if (over <= 0) return this.outcome();
    const own = new Set([...this.#own].map(deviceOf));
    if (own.size > policy.maxDevices) return full(policy);
    const others = [...devices].filter(([device]) => !own.has(device));
    // Whose time is over has no right to its place.
    const isLapsed = (device: string): boolean =>
      this.#bindings.every((each) => deviceOf(each) !== device || each.expiresMs <= nowMs);
    const lapsed = others.filter(([device]) => isLapsed(device));
    const isNew = [...own].some((device) => !this.#devices.has(device));
    if (!policy.replaces && lapsed.length < over) {
      // Whoever is there already stays, though fewer may be by now.
      return isNew ? full(policy) : this.outcome();
    }
    const leaving = new Set(
      others
        .toSorted(([, a], [, b]) => a - b)
        .toSorted(([a], [b]) => Number(isLapsed(b)) - Number(isLapsed(a)))
        .slice(0, over)
        .map(([device]) => device),
    );
    const isTakeover = [...leaving].some((device) => !isLapsed(device));
    this.#drop((binding) => leaving.has(deviceOf(binding)));
    if (isTakeover) this.#noteTakeover();
    return this.outcome();
  }

  /** REG-10: those of this request have taken the place of others that were there. */
  #noteTakeover(): void {
    const { nowMs } = this.#registering;
    const takeovers = recentTakeovers(this.#before, nowMs) + 1;
    const marked = (binding: Binding): Binding =>
      this.#own.has(binding) && !this.#before.includes(binding)
        ? { ...binding, takeovers, takenOverMs: nowMs }
        : binding;
    const changed = new Map(this.#bindings.map((binding) => [binding, marked(binding)]));
    const after = (binding: Binding): Binding => changed.get(binding) ?? binding;
    this.#bindings = this.#bindings.map(after);
    this.#added = this.#added.map(after);
    this.#refreshed = this.#refreshed.map(after);
  }

  outcome(): RegisterOutcome {
    const changes = {
      added: this.#added,
      refreshed: this.#refreshed,
      removed: this.#removed,
      replaced: this.#replaced,
    };
    const { nowMs } = this.#registering;
    return { kind: 'registered', bindings: this.#bindings, changes, nowMs };
  }

  #bind(contact: RequestedContact, asked: number, same: readonly Binding[]): void {
    const binding = this.#newBinding(contact, asked, same[0]);
    this.#own.add(binding);
    this.#bindings = [...this.#bindings, binding];
    if (same.length === 0) this.#added.push(binding);
    else this.#refreshed.push(binding);
    // One by its contact and another by its instance: both are this one now.
    this.#replaced.push(...same.slice(1));
  }

  #newBinding(contact: RequestedContact, asked: number, before: Binding | undefined): Binding {
    const { mark, nowMs, request } = this.#registering;
    const { instance, regId, q, uri } = contact;
    const heard = { ...request, contact: uri };
    const isNat = isBehindNat(heard);
    return {
      contact: uri,
      expiresMs: nowMs + this.#granted(asked, isNat) * 1000,
      registeredMs: before?.registeredMs ?? nowMs,
      refreshedMs: nowMs,
      q: q ?? 1000,
      sipCallId: request.sipCallId,
      cseq: request.cseq,
      request: mark,
      instance,
      regId: request.isOutbound ? regId : 0,
      path: request.path,
      source: request.source,
      transport: request.transport,
      flow: request.flow,
      local: request.local,
      userAgent: request.userAgent,
      edge: request.edge,
      isBehindNat: isNat,
      ...reachability(request, before),
      ...takeoversOf(before ?? { takeovers: 0, takenOverMs: 0 }, nowMs),
    };
  }

  /** REG-04, REG-07: seconds. */
  #granted(asked: number, isNat: boolean): number {
    const { policy, random } = this.#registering;
    const longest = isNat ? Math.min(policy.maxSeconds, policy.natSeconds) : policy.maxSeconds;
    const most = Math.min(asked, longest);
    const spread = most - Math.floor((most * policy.spread * random) / 100);
    return Math.max(spread, Math.min(policy.minSeconds, most));
  }

  /** RFC 5626 §6: of the same instance and flow; else by its URI. */
  #isSame(binding: Binding, { instance, regId, uri }: RequestedContact): boolean {
    if (instance === '' || binding.instance === '') return isSameUri(binding.contact, uri);
    const flow = this.#registering.request.isOutbound ? regId : 0;
    return binding.instance === instance && binding.regId === flow;
  }

  /**
   * A client that has found its public address registers it in the same dialogue, and never removes the one before: the same
   * Call-ID is the same device. Where instances are told, they say it better.
   */
  #hasMoved(binding: Binding, same: readonly Binding[]): boolean {
    const { contacts, sipCallId } = this.#registering.request;
    const [contact] = contacts;
    if (contacts.length !== 1 || contact === undefined) return false;
    if (contact.instance !== '' && binding.instance !== '') return false;
    return binding.sipCallId === sipCallId && !same.includes(binding) && !this.#own.has(binding);
  }

  /** RFC 3261 §10.3 step 7: of one Call-ID the later CSeq counts. */
  #isStale(binding: Binding): boolean {
    const { sipCallId, cseq } = this.#registering.request;
    return binding.sipCallId === sipCallId && binding.cseq >= cseq && !this.#own.has(binding);
  }

  #isRepeated({ sipCallId, cseq, request }: Binding): boolean {
    const { mark, request: received } = this.#registering;
    return sipCallId === received.sipCallId && cseq === received.cseq && request === mark;
  }

  #dropFlows(): void {
    for (const device of new Set([...this.#own].map(deviceOf))) {
      const flows = this.#bindings.filter((binding) => deviceOf(binding) === device);
      const others = flows
        .filter((binding) => !this.#own.has(binding))
        .toSorted((a, b) => a.refreshedMs - b.refreshedMs);
      const leaving = new Set(others.slice(0, Math.max(0, flows.length - MOST_FLOWS)));
      this.#drop((binding) => leaving.has(binding));
    }
  }

  #drop(isLeaving: (binding: Binding) => boolean): void {
    this.#replaced.push(...this.#bindings.filter(isLeaving));
    this.#bindings = this.#bindings.filter((binding) => !isLeaving(binding));
  }
}

/** That it registers does not say that it can be reached: what keep-alives have found holds while it is where it was. */
function reachability(
  { flow, source }: Registering['request'],
  before: Binding | undefined,
): Pick<Binding, 'missed' | 'isUnreachable' | 'answeredMs' | 'rttMs'> {
  if (before?.source !== source || before.flow !== flow) {
    return { missed: 0, isUnreachable: false, answeredMs: 0, rttMs: 0 };
  }
  const { answeredMs, isUnreachable, missed, rttMs } = before;
  return { missed, isUnreachable, answeredMs, rttMs };
}

function malformed(text: string): Refused {
  return { kind: 'refused', cause: 'Malformed', text };
}

function tooBrief(asked: number, { minSeconds }: RegisterPolicy): Refused {
  const text = `${String(asked)} s are asked for, ${String(minSeconds)} s are the least`;
  return { kind: 'refused', cause: 'IntervalTooBrief', text, minSeconds };
}

function outOfOrder({ contact, cseq }: Binding): Refused {
  const text = `${contact} stands by CSeq ${String(cseq)} of the same Call-ID`;
  return { kind: 'refused', cause: 'OutOfOrder', text };
}

function full({ maxDevices }: RegisterPolicy): Refused {
  const text = `no more than ${String(maxDevices)} devices may be registered at once`;
  return { kind: 'refused', cause: 'BindingsFull', text };
}
