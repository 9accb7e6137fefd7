import type { Configuration } from '@tandem/config';
import { readDecision, readJournalCause } from '@tandem/domain';
import type { DecisionRecord, WatchedPart } from '@tandem/domain';
import type { CallEvent } from '@tandem/proto/events';
import { type JournalEntry, ListEntriesRequest } from '@tandem/proto/journal';
import type { RouteParts } from '../../api/route-parts.ts';
import { prefixEvidence, setBy, setValues, type SetValue } from '../../core/configured-evidence.ts';
import {
  awayPart,
  hostOf,
  journalWording,
  nameOfPart,
  seconds,
  sentence,
} from '../../core/wordings/index.ts';
import type { ServicePorts, VersionEntry } from '../../ports.ts';
import { presentTime } from '../times.ts';
import { calledRegistrations } from './called-registrations.ts';
import { nameEvidence } from './name-evidence.ts';
import { sessionEvidence } from './session-evidence.ts';

/** Versions that are looked back through for who has set a value. */
const MOST_VERSIONS = 30;
/** Calls that hold lines, of which it is told whose they are. */
const MOST_HOLDERS = 5;
/** A part that was away for longer than this before or after a call is told as if it were no longer. */
const AWAY_SPAN_MS = 60 * 60_000;
const SEEN_LATE_MS = 2000;
/** Events are tried for so long, until Kafka is missed. */
const EVENTS_SEEN_LATE_MS = 30_000;
const MOST_AWAY = 200;
const ENTRIES = 20;

/** What is asked after. */
interface Asked {
  readonly decisions: readonly DecisionRecord[];
  /** Of the journal, with the same Call-ID. */
  readonly entries: readonly JournalEntry[];
  readonly atMs: number;
  /** Of a call that has ended. */
  readonly event?: CallEvent | undefined;
}

/**
 * What is known besides what was decided: the prefixes that come nearest, who has set what decided and when, who holds lines since
 * when, for how long a part was away, what came from a gateway in place of an answer (OPS-09). Each stands by itself: what cannot
 * be asked is left out, and no explanation fails for it.
 */
export async function gatherEvidence(
  { documents, ports, rates }: Pick<RouteParts, 'documents' | 'ports' | 'rates'>,
  asked: Asked,
): Promise<readonly string[]> {
  const { decisions, entries } = asked;
  const gathered = await Promise.all(
    [
      configured({ documents, rates }, decisions),
      locked(documents, asked),
      holders(ports, decisions),
      away(ports, asked),
      unreadable(ports, decisions),
      certificates(ports, asked),
      calledRegistrations(ports, decisions, asked.atMs),
      sessionEvidence(ports, asked.event),
      nameEvidence(ports, decisions, asked.atMs),
    ].map((evidence) => evidence.catch(() => [])),
  );
  return [...gathered.flat(), ...late(entries)];
}

type Documents = RouteParts['documents'];

async function configured(
  { documents: { store }, rates }: Pick<RouteParts, 'documents' | 'rates'>,
  decisions: readonly DecisionRecord[],
): Promise<readonly string[]> {
  const isAsked = decisions.some(({ check, result }) =>
    result === 'refused' ? check === 'rate' || check === 'candidate' : false,
  );
  if (!isAsked) return [];
  const current = await store.current();
  if (current === undefined) return [];
  return prefixEvidence(decisions, await withImported(rates, current.configuration, decisions));
}

/** With those rates of an imported sheet that come near the number that had none. */
async function withImported(
  sheets: RouteParts['rates'],
  configuration: Configuration,
  decisions: readonly DecisionRecord[],
): Promise<Configuration> {
  const missing = decisions.map(readDecision).find((each) => each?.kind === 'rate-missing');
  if (missing === undefined) return configuration;
  const { callee, rateGroup } = missing.facts;
  const group = configuration.rateGroups.find(({ name }) => name === rateGroup);
  if (group?.sheet !== true) return configuration;
  const rates = [...(await sheets.near(rateGroup, callee))];
  return {
    ...configuration,
    rateGroups: configuration.rateGroups.map((each) =>
      each === group ? { ...each, rates } : each,
    ),
  };
}

async function locked(
  { store }: Documents,
  { atMs, decisions }: Asked,
): Promise<readonly string[]> {
  const values = setValues(decisions);
  if (values.length === 0) return [];
  const versions = await store.list({ limit: MOST_VERSIONS });
  const then = versions.filter(({ appliedAt }) => appliedAt.getTime() <= atMs);
  const found = await whoSet(store, values, then);
  return values.flatMap((value) => found.get(value) ?? []);
}

/** Goes back from version to version, until each value was another one. */
async function whoSet(
  store: Documents['store'],
  values: readonly SetValue[],
  versions: readonly VersionEntry[],
): Promise<ReadonlyMap<SetValue, string>> {
  const open = new Map<SetValue, { readonly value: string; entry: VersionEntry }>();
  const found = new Map<SetValue, string>();
  const isEnd = new Set<SetValue>();
  for (const entry of versions) {
    if (isEnd.size === values.length) break;
    const version = await store.get(entry.version);
    if (version === undefined) break;
    for (const value of values) {
      if (isEnd.has(value)) continue;
      const text = value.of(version.configuration);
      const known = open.get(value);
      if (known === undefined) {
        if (text === undefined) isEnd.add(value);
        else open.set(value, { value: text, entry });
      } else if (text === known.value) known.entry = entry;
      else isEnd.add(value);
    }
  }
  for (const [value, { entry, value: text }] of open) {
    found.set(value, setBy(value, { ...entry, value: text.replaceAll('"', '') }));
  }
  return found;
}

async function holders(
  ports: ServicePorts,
  decisions: readonly DecisionRecord[],
): Promise<readonly string[]> {
  const ids = new Set(
    decisions
      .flatMap(({ facts, result }) =>
        result === 'passed'
          ? []
          : facts.filter(({ name }) => name === 'holders' || name === 'calls'),
      )
      .flatMap(({ value }) => value.split(/[ ,]+/).filter((id) => id !== '')),
  );
  const told = await Promise.all([...ids].slice(0, MOST_HOLDERS).map((id) => holder(ports, id)));
  return told.flat();
}

/** Since when a call is there, and whose it is. */
async function holder(ports: ServicePorts, callId: string): Promise<readonly string[]> {
  const { call } = await ports.edge.getCall({ callId }).catch(() => ({ call: undefined }));
  if (call !== undefined) {
    return [
      `Call ${callId} is of ${call.origin?.name ?? call.caller} to ${call.callee}, since ${timeOf(call.startedMs)}.`,
    ];
  }
  const { cdrs } = await ports.billing.getCdr({ callId });
  const event = cdrs[0]?.event;
  if (event === undefined) return [];
  const who = event.origin?.name ?? event.a?.caller ?? '';
  return [
    `Call ${callId} was of ${who} to ${event.a?.callee ?? ''}, from ${timeOf(event.startedMs)} until ${timeOf(event.endedMs)}.`,
  ];
}

/** From when to when a part was away, as the pods saw that missed it (DENY-19). */
async function away({ journal }: ServicePorts, asked: Asked): Promise<readonly string[]> {
  const { decisions, entries, event, atMs } = asked;
  // What Kafka was to be told waits until it is back: no call fails by it.
  const part = missed(decisions, entries) ?? 'kafka';
  if (journal === undefined) return [];
  const seenLateMs = part === 'kafka' ? EVENTS_SEEN_LATE_MS : SEEN_LATE_MS;
  const beganMs = part === 'kafka' ? (event?.startedMs ?? atMs) : atMs;
  const page = await journal.listEntries(
    ListEntriesRequest.create({
      kind: 'part',
      terminal: part,
      fromMs: beganMs - AWAY_SPAN_MS,
      untilMs: atMs + AWAY_SPAN_MS,
      limit: MOST_AWAY,
    }),
  );
  const spans = spansOf(page.entries);
  // It is missed some moments after a call has missed it.
  const around = spans.filter(
    ({ fromMs, untilMs = Infinity }) =>
      fromMs - seenLateMs <= atMs && beganMs <= untilMs + SEEN_LATE_MS,
  );
  if (around.length === 0) return [];
  const from = Math.min(...around.map(({ fromMs }) => fromMs));
  const ends = around.flatMap(({ untilMs }) => untilMs ?? []);
  const until = Math.max(...ends);
  const name = nameOfPart(part);
  const besides = part === 'kafka' ? `: what is told of the call may have come late, and SIP messages of that time may be missing` : ''; // prettier-ignore
  return ends.length === 0
    ? [sentence(`${name} is away since ${timeOf(from)}, and is not back${besides}`)]
    : [
        sentence(
          `${name} was away from ${timeOf(from)} until ${timeOf(until)}, ${seconds(until - from)}${besides}`,
        ),
      ];
}

interface Span {
  readonly fromMs: number;
  /** Undefined: it is away still. */
  readonly untilMs?: number;
}

/** Each absence once: one that is over is written at both of its ends. Of several within a minute an entry tells the last. */
function spansOf(entries: readonly JournalEntry[]): readonly Span[] {
  const open = new Set<number>();
  const over: Span[] = [];
  for (const { cause, facts, lastMs } of entries) {
    const known = readJournalCause(cause, facts);
    if (known?.cause === 'part-away') open.add(lastMs);
    if (known?.cause === 'part-back') {
      const fromMs = Date.parse(known.facts.since);
      over.push({ fromMs, untilMs: fromMs + known.facts.seconds * 1000 });
    }
  }
  for (const { fromMs } of over) open.delete(fromMs);
  return [...over, ...[...open].map((fromMs) => ({ fromMs }))];
}

function missed(
  decisions: readonly DecisionRecord[],
  entries: readonly JournalEntry[],
): WatchedPart | undefined {
  const last = decisions.map(readDecision).findLast((each) => each?.kind === 'part-away');
  // That a body is not anchored is of relays.
  if (last !== undefined) return last.subject === 'body' ? undefined : awayPart(last.subject, last.facts.error).part; // prettier-ignore
  const undecided = entries
    .map(({ cause, facts }) => readJournalCause(cause, facts))
    .find((each) => each?.cause === 'not-decided');
  return undecided && awayPart('', undecided.facts.fault).part;
}

/** What came from where an answer was awaited, and was none. */
async function unreadable(
  { journal }: ServicePorts,
  decisions: readonly DecisionRecord[],
): Promise<readonly string[]> {
  const silent = decisions.map(readDecision).find((each) => each?.kind === 'nothing-received');
  if (journal === undefined || silent === undefined) return [];
  const { address } = silent.facts;
  const { entries } = await journal.listEntries(
    ListEntriesRequest.create({
      kind: 'request',
      cause: 'unreadable',
      source: hostOf(address),
      fromMs: silent.atMs - silent.facts['waited-ms'] - ENTRY_SPAN_MS,
      untilMs: silent.atMs + ENTRY_SPAN_MS,
      limit: ENTRIES,
    }),
  );
  return entries
    .filter(({ cause, source }) => cause === 'unreadable' && source === address)
    .map((entry) => sentence(`meanwhile ${journalWording(entry).why}`));
}

/** Why the certificate of a caller proves nothing. */
async function certificates(
  { journal }: ServicePorts,
  { atMs, decisions }: Asked,
): Promise<readonly string[]> {
  const foreign = decisions.map(readDecision).find((each) => each?.kind === 'certificate-foreign');
  const { source } = foreign?.facts ?? {};
  if (journal === undefined || source === undefined) return [];
  const { entries } = await journal.listEntries(
    ListEntriesRequest.create({
      kind: 'request',
      cause: 'certificate-untrusted',
      source: hostOf(source),
      fromMs: atMs - CONNECTED_MS,
      untilMs: atMs + ENTRY_SPAN_MS,
      limit: ENTRIES,
    }),
  );
  return entries.slice(0, 1).map((entry) => sentence(journalWording(entry).why));
}

function late(entries: readonly JournalEntry[]): readonly string[] {
  return entries
    .filter(({ cause }) => cause === 'answered-late')
    .map((entry) => sentence(journalWording(entry, 'gateway').why));
}

function timeOf(ms: number): string {
  return presentTime(ms) ?? '';
}

/** An entry may have been gathered for so long. */
const ENTRY_SPAN_MS = 60_000;
/** A connection was opened no longer than this before a call that came by it, unless it is told as nothing. */
const CONNECTED_MS = 60 * 60_000;
