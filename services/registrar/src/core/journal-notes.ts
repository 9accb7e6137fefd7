import { parseHostPort } from '@tandem/config';
import type { JournalAbout, JournalFacts, JournalNote, JournalWhy } from '@tandem/domain';
import type { RegisterRequest } from '@tandem/proto/registrar';
import type { Binding } from './binding.ts';
import type { RegisterPolicy } from './policy.ts';
import type { Changes, RegisterOutcome } from './register.ts';

/** A REGISTER that was decided. */
export interface Decided {
  readonly request: RegisterRequest;
  readonly policy: RegisterPolicy;
  /** The bindings that there were. */
  readonly before: readonly Binding[];
  readonly outcome: RegisterOutcome;
}

type Refused = RegisterOutcome & { readonly kind: 'refused' };

/** REG-11: what the journal is told of a REGISTER. */
export function notesOf({ before, outcome, policy, request }: Decided): readonly JournalNote[] {
  const { phone: terminal, sipCallId: callId, source, userAgent } = request;
  const { account } = policy;
  const about = { terminal, account, sender: 'proved', source, userAgent, callId } as const;
  if (outcome.kind === 'refused') {
    return [{ ...about, ...refusalOf({ before, policy, request }, outcome) }];
  }
  const { changes } = outcome;
  if (isNothing(changes)) return [{ ...about, cause: 'asked', facts: {} }];
  return [
    ...changes.added.map((binding): JournalNote => {
      const [moved] = movedFrom(changes, request);
      if (moved !== undefined) return { ...about, cause: 'moved', facts: moveOf(binding, moved) };
      const { contact, isBehindNat, transport } = binding;
      const expires = Math.round((binding.expiresMs - outcome.nowMs) / 1000);
      const nat = isBehindNat ? 'yes' : undefined;
      const facts = { contact, expires, transport: nameOf(transport), 'behind-nat': nat } as const;
      return { ...about, cause: 'registered', facts };
    }),
    ...changes.refreshed.map((binding): JournalNote => {
      const earlier = before.find((each) => isEarlier(each, binding));
      return earlier === undefined || !hasMoved(earlier, binding)
        ? { ...about, cause: 'refreshed', facts: {} }
        : { ...about, cause: 'moved', facts: moveOf(binding, earlier) };
    }),
    ...replacedBy(changes, request).map((binding): JournalNote => {
      const by = [...changes.added, ...changes.refreshed].map(({ contact }) => contact).join(' ');
      const facts = {
        contact: binding.contact,
        'source-before': binding.source,
        by,
        SERVER_REGISTRAR_MAX_BINDINGS: policy.maxDevices,
      };
      return { ...about, cause: 'replaced', facts };
    }),
    ...changes.removed.map(({ contact }): JournalNote => ({
      ...about,
      cause: 'unregistered',
      facts: { contact },
    })),
  ];
}

/** REG-11: how a binding ended otherwise than by its phone. */
export function endOf(phone: string, binding: Binding, account: string): JournalAbout {
  const { source, userAgent } = binding;
  return { terminal: phone, account, sender: 'proved', source, userAgent };
}

export function expiredFacts({
  contact,
  expiresMs,
  refreshedMs,
}: Binding): JournalFacts<'expired'> {
  return { contact, 'refreshed-at': timeOf(refreshedMs), 'expired-at': timeOf(expiresMs) };
}

function refusalOf(
  { before, policy, request }: Omit<Decided, 'outcome'>,
  { cause, minSeconds = 0, text: fault }: Refused,
): JournalWhy {
  switch (cause) {
    case 'IntervalTooBrief':
      return {
        cause: 'expiry-too-short',
        facts: { asked: shortest(request, minSeconds), SS_ENDPOINT_EXPIRE_MIN: minSeconds },
      };
    case 'BindingsFull':
      return {
        cause: 'bindings-full',
        facts: {
          contact: request.contacts.map(({ uri }) => uri).join(' '),
          SERVER_REGISTRAR_MAX_BINDINGS: policy.maxDevices,
          registered: before.map(({ contact }) => contact).join(' '),
        },
      };
    case 'OutOfOrder':
      return { cause: 'out-of-order', facts: { fault } };
    case 'Malformed':
      return { cause: 'malformed', facts: { fault } };
  }
}

/** The time that was too short, in seconds. */
function shortest({ contacts, expires = 0 }: RegisterRequest, minSeconds: number): number {
  const asked = contacts.map((contact) => contact.expires ?? expires);
  return Math.min(...asked.filter((seconds) => seconds > 0), minSeconds);
}

function isNothing({ added, refreshed, removed, replaced }: Changes): boolean {
  return added.length + refreshed.length + removed.length + replaced.length === 0;
}

/** The same Call-ID is the same device at another contact. */
function movedFrom({ replaced }: Changes, { sipCallId }: RegisterRequest): readonly Binding[] {
  return replaced.filter((binding) => binding.sipCallId === sipCallId);
}

function replacedBy(changes: Changes, request: RegisterRequest): readonly Binding[] {
  const moved = changes.added.length === 0 ? [] : movedFrom(changes, request);
  return changes.replaced.filter((binding) => !moved.includes(binding));
}

function moveOf({ contact }: Binding, before: Binding) {
  return { contact, 'contact-before': before.contact, 'source-before': before.source };
}

function isEarlier(earlier: Binding, binding: Binding): boolean {
  if (earlier.registeredMs !== binding.registeredMs) return false;
  const isSameFlow = earlier.instance === binding.instance && earlier.regId === binding.regId;
  return earlier.contact === binding.contact || (binding.instance !== '' && isSameFlow);
}

/** Another port is a new connection, or a NAT that has forgotten the one before. */
function hasMoved(earlier: Binding, binding: Binding): boolean {
  return earlier.contact !== binding.contact || hostOf(earlier) !== hostOf(binding);
}

function hostOf({ source }: Binding): string {
  const read = parseHostPort(source);
  return typeof read === 'string' ? source : read.host;
}

function nameOf(transport: string): string {
  return transport === '' ? 'udp' : transport;
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
