import { RegisterRequest, RequestedContact } from '@tandem/proto/registrar';
import type { Binding } from '../src/core/binding.ts';
import type { RegisterPolicy } from '../src/core/policy.ts';
import { register } from '../src/core/register.ts';
import type { RegisterOutcome } from '../src/core/register.ts';

export const NOON = Date.parse('2026-06-01T12:00:00Z');

const policy: RegisterPolicy = {
  kind: 'phone',
  account: 'demo',
  minSeconds: 60,
  maxSeconds: 3600,
  natSeconds: 120,
  spread: 0,
  maxDevices: 1,
  replaces: true,
};

export type RequestParts = Partial<Omit<RegisterRequest, 'contacts'>> & {
  readonly contacts?: readonly (string | Partial<RequestedContact>)[];
};

/** A REGISTER of phone 1001 at 192.0.2.7. */
export function requestOf({ contacts = ['sip:1001@192.0.2.7'], ...parts }: RequestParts = {}) {
  return RegisterRequest.create({
    phone: '1001',
    sipCallId: 'call-1',
    cseq: 1,
    branch: 'z9hG4bK-1',
    source: '192.0.2.7:5060',
    transport: 'udp',
    userAgent: 'baresip v1.0.0',
    edge: 'edge-1',
    contacts: contacts.map((contact) =>
      RequestedContact.create(typeof contact === 'string' ? { uri: contact } : contact),
    ),
    ...parts,
  });
}

/** The bindings of one phone, by the core alone. */
export class PhoneUnderTest {
  bindings: readonly Binding[] = [];
  nowMs = NOON;
  readonly #policy: RegisterPolicy;
  #requests = 0;

  constructor(changes: Partial<RegisterPolicy> = {}) {
    this.#policy = { ...policy, ...changes };
  }

  /** @param mark of the request; a new one each time where it is left out */
  register(
    parts: RequestParts = {},
    { mark = ++this.#requests, random = 0 } = {},
  ): RegisterOutcome {
    const request = requestOf(parts);
    const { nowMs } = this;
    const outcome = register(this.bindings, {
      request,
      mark,
      policy: this.#policy,
      nowMs,
      random,
    });
    if (outcome.kind === 'registered') this.bindings = outcome.bindings;
    return outcome;
  }

  /** Contacts and the seconds that they have left. */
  get contacts(): (readonly [string, number])[] {
    return this.bindings.map(
      ({ contact, expiresMs }) => [contact, (expiresMs - this.nowMs) / 1000] as const,
    );
  }

  pass(seconds: number): void {
    this.nowMs += seconds * 1000;
  }
}

export function causeOf(outcome: RegisterOutcome): string {
  return outcome.kind === 'refused' ? outcome.cause : outcome.kind;
}
