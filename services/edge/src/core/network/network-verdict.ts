import type { NetworkFinding } from '@tandem/proto/edge';
import type { TransportName } from '@tandem/sip';
import type { SourceVerdict } from '../../ports.ts';
import { formatPeerAddress } from './peer-address.ts';
import type { PeerAddress } from './peer-address.ts';

/** What became of one probe. */
export interface ProbeResult {
  /** The probe's own socket; undefined where none could be opened. */
  readonly sentFrom?: PeerAddress | undefined;
  /** Undefined where no pod of ours answered. */
  readonly answer?:
    { readonly seen: PeerAddress; readonly pod: string; readonly from: PeerAddress } | undefined;
  /** Why there is no answer: refused, a foreign answer, an unknown host; '' = nothing came in time. */
  readonly failure: string;
}

/** All probes to one advertised address by one transport. */
export interface ProbeSeries {
  readonly transport: TransportName;
  /** Advertised `host:port`. */
  readonly target: string;
  /** What it is as addresses; a name may have several. */
  readonly resolved: readonly PeerAddress[];
  readonly results: readonly ProbeResult[];
  readonly atMs: number;
}

/** Judges what probes found (CALL-07). What cannot be decided is said to be undecided, never guessed. */
export function judge(series: ProbeSeries): NetworkFinding {
  const { transport, target, results, atMs } = series;
  const answered = results.filter(({ answer }) => answer !== undefined);
  // A lost probe says nothing where another got through.
  const telling = answered.length === 0 ? results : answered;
  const sources = telling.map(sourceOf(series));
  const source = worst(sources);
  const shown = telling[sources.indexOf(source)];
  const { leadsHere, why } = leads(series);
  return {
    transport,
    target,
    source,
    leadsHere,
    sentFrom: textOf(shown?.sentFrom),
    seenFrom: textOf(shown?.answer?.seen),
    answeredFrom: textOf(shown?.answer?.from),
    answeredBy: shown?.answer?.pod ?? '',
    text: `${wordsOf(source, shown)}; ${why}`,
    atMs,
  };
}

/** The verdict on several listeners or probes: one that hides is enough, one that cannot tell leaves the rest open. */
export function worst(verdicts: readonly SourceVerdict[]): SourceVerdict {
  for (const verdict of ['hidden', 'undecided', 'preserved'] as const) {
    if (verdicts.includes(verdict)) return verdict;
  }
  return 'untested';
}

function sourceOf({ resolved }: ProbeSeries): (result: ProbeResult) => SourceVerdict {
  return ({ sentFrom, answer }) => {
    if (sentFrom === undefined || answer === undefined) return 'undecided';
    const { seen } = answer;
    // Who sends in its own name has ports of its own: an address that is right by chance (a relay on this machine) does
    // not make up for that.
    if (seen.port !== sentFrom.port) return 'hidden';
    if (seen.address === sentFrom.address) return 'preserved';
    // One-to-one translation of our own address on the way out and in again says nothing of other clients' addresses.
    return resolved.some(({ address }) => address === seen.address) ? 'undecided' : 'hidden';
  };
}

function leads({ target, resolved, results }: ProbeSeries): {
  readonly leadsHere: 'yes' | 'no' | 'undecided';
  readonly why: string;
} {
  const answers = results.flatMap(({ answer }) => (answer === undefined ? [] : [answer]));
  const elsewhere = answers.find(
    ({ from }) => !resolved.some((at) => at.address === from.address && at.port === from.port),
  );
  if (elsewhere !== undefined) {
    const why = `answers leave from ${formatPeerAddress(elsewhere.from)}, not from ${target}, and peers will drop them`;
    return { leadsHere: 'no', why };
  }
  if (answers.length > 0) return { leadsHere: 'yes', why: `${target} leads here` };
  const failure = results.find((result) => result.failure !== '')?.failure;
  if (failure !== undefined)
    return { leadsHere: 'no', why: `${target} does not lead here: ${failure}` };
  return {
    leadsHere: 'undecided',
    why: `nothing came back from ${target}, so it is not known whether it leads here`,
  };
}

function wordsOf(source: SourceVerdict, shown: ProbeResult | undefined): string {
  const sent = textOf(shown?.sentFrom);
  const seen = textOf(shown?.answer?.seen);
  switch (source) {
    case 'preserved':
      return "the network keeps clients' addresses";
    case 'hidden':
      return `the network hides where clients send from (${sent} was seen as ${seen}): IP authentication is refused`;
    case 'undecided':
    case 'untested':
      return shown?.answer === undefined
        ? "it is not known whether the network keeps clients' addresses"
        : `it is not known whether the network keeps clients' addresses: ${sent} was seen as ${seen}, which is our own advertised address`;
  }
}

function textOf(peer: PeerAddress | undefined): string {
  return peer === undefined ? '' : formatPeerAddress(peer);
}
