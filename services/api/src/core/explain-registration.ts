import type { JournalEntry } from '@tandem/proto/journal';
import type { Registration } from '@tandem/proto/registrar';
import { journalWording, sentence } from './wordings/index.ts';

/** What is known of a phone and its registration. */
export interface RegistrationFacts {
  readonly phone: string;
  readonly kind: 'phone' | 'gateway';
  /** Undefined: there is no phone or dynamic gateway of that name in the configuration. */
  readonly account: string | undefined;
  readonly bindings: readonly Registration[];
  /** It may not call, though it registers. */
  readonly isLocked?: boolean;
  /** Of the journal, in any order. */
  readonly entries: readonly JournalEntry[];
  readonly nowMs: number;
}

/** Why a phone is registered or not (REG-11). */
export interface RegistrationExplanation {
  readonly status: 'registered' | 'unregistered' | 'unknown-phone';
  readonly summary: string;
  readonly change: string | null;
  /** The latest first. */
  readonly entries: readonly JournalEntry[];
}

/** So often one phone takes another's place before it is said that it keeps doing so (REG-10). */
const MANY_REPLACEMENTS = 3;

export function explainRegistration(facts: RegistrationFacts): RegistrationExplanation {
  const entries = facts.entries.toSorted((one, other) => other.lastMs - one.lastMs);
  const known = { ...facts, entries };
  if (facts.account === undefined) return { ...unknownPhone(known), entries };
  const told = facts.bindings.length > 0 ? registered(known) : unregistered(known);
  return { ...(facts.isLocked === true ? locked(told, facts.phone) : told), entries };
}

const names = { phone: 'Phone', gateway: 'Gateway' } as const;

type Kind = RegistrationFacts['kind'];
type Explained = Omit<RegistrationExplanation, 'entries'>;

function unknownPhone({ entries, kind, phone }: RegistrationFacts): Explained {
  const [last] = entries;
  // It proved itself: somebody has it in the configuration.
  if (last?.cause === 'not-dynamic') {
    return {
      status: 'unknown-phone',
      summary: sentenceOfLast(last),
      change: journalWording(last, 'gateway').change,
    };
  }
  const heard = last === undefined ? '' : ` ${sentence(`at ${timeOf(last)} ${whyOf(last, kind)}`)}`;
  return {
    status: 'unknown-phone',
    summary: `No phone ${phone} is configured, nor a dynamic gateway of that name, so that it cannot register.${heard}`,
    change: `Configure a phone with the user name ${phone}, or correct the user name in the phone.`,
  };
}

function sentenceOfLast(last: JournalEntry): string {
  return sentence(`at ${timeOf(last)} ${whyOf(last, 'gateway')}`);
}

function registered({ bindings, entries, kind, nowMs, phone }: RegistrationFacts): Explained {
  const where = bindings.map(({ contact, expiresMs, source, transport, userAgent }) => {
    const left = Math.max(0, Math.ceil((expiresMs - nowMs) / 1000));
    const agent = userAgent === '' ? '' : `, ${userAgent}`;
    return `${contact} from ${source} over ${transport === '' ? 'udp' : transport}${agent}, for ${String(left)} s more`;
  });
  const summary = `${names[kind]} ${phone} is registered: ${where.join('; ')}.`;
  const replaced = entries.filter(({ cause }) => cause === 'replaced');
  const times = replaced.reduce((sum, { count }) => sum + count, 0);
  const [latest] = replaced;
  if (latest !== undefined && times >= MANY_REPLACEMENTS) {
    return {
      status: 'registered',
      summary: `${summary} Its devices keep taking each other's place, ${String(times)} times of late: ${whyOf(latest, kind)}.`,
      change: journalWording(latest, kind).change,
    };
  }
  const [last] = entries;
  // Somebody else may be trying with its name; the phone itself is there.
  // Or it took the place of another device, whose user asks.
  const trouble = last !== undefined && isTrouble(last) ? last : takenBy(bindings, latest);
  if (trouble === undefined) return { status: 'registered', summary, change: null };
  const { change } = journalWording(trouble, kind);
  return { status: 'registered', summary: `${summary} But ${sentenceAt(trouble, kind)}`, change };
}

/** The entry by which a device that is registered now has taken the place of another one. */
function takenBy(
  bindings: readonly Registration[],
  replaced: JournalEntry | undefined,
): JournalEntry | undefined {
  const by = replaced?.facts.find(({ name }) => name === 'by')?.value;
  return bindings.some(({ contact }) => contact === by) ? replaced : undefined;
}

/** DENY-01: a phone that is locked registers, and that is all. */
function locked({ change, status, summary }: Explained, phone: string): Explained {
  return {
    status,
    summary: `${summary} It is locked (status: locked), so that it cannot call.`,
    change: change ?? `Unlock it: \`tandem phones set ${phone} status=active\`.`,
  };
}

function unregistered({ entries, kind, phone }: RegistrationFacts): Explained {
  const last = entries.find(isTrouble) ?? entries[0];
  if (last === undefined) {
    return {
      status: 'unregistered',
      summary: `${names[kind]} ${phone} is not registered: no REGISTER of it has come, as far back as the journal goes.`,
      change:
        'See whether it is told the address, port and transport of this switch (`tandem status`), and whether a firewall is between; a REGISTER that came would be here, refused or not.',
    };
  }
  return {
    status: 'unregistered',
    summary: `${names[kind]} ${phone} is not registered: ${sentenceAt(last, kind)}`,
    change: journalWording(last, kind).change,
  };
}

/** The phone was told no, or was taken away. */
function isTrouble(entry: JournalEntry): boolean {
  return journalWording(entry).change !== null;
}

function sentenceAt(entry: JournalEntry, kind: Kind): string {
  return `at ${timeOf(entry)} ${whyOf(entry, kind)}.`;
}

function whyOf(entry: JournalEntry, kind: Kind): string {
  return journalWording(entry, kind).why;
}

function timeOf({ lastMs }: JournalEntry): string {
  return `${new Date(lastMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
