import type { WatchedPart } from '@tandem/domain';
import { awayInWords } from './network-remedies.ts';

/** What the parts of the switch are called by who runs them. */
const names: Readonly<Record<WatchedPart, string>> = {
  auth: 'the service auth, which says who calls,',
  routing: 'the service routing, which finds gateways,',
  registrar: 'the service registrar, which knows where phones are,',
  redis: 'Redis, which holds calls in progress, challenges and registrations,',
  kafka: 'Kafka, which takes events and SIP messages,',
};

/** A part that was away, in words. */
export interface AwayPart {
  readonly part: WatchedPart;
  /** "the service registrar, which knows where phones are, was away when routing asked it: …" */
  readonly text: string;
}

/**
 * Which part was really away: a service that answers may have missed another one, or its store.
 * @param asked which one the edge had asked: auth, routing, store; '' where only the error says so
 */
export function awayPart(asked: string, error: string): AwayPart {
  const [first = asked] = /^(?:auth|routing|registrar)\b/.exec(error) ?? [];
  const part = missedBy(first, error);
  const said = awayInWords(error);
  const why = said.endsWith(' is away') ? '' : `: ${said}`;
  const isBehind = part !== first && first !== 'store' && first !== '';
  const needed = asked === '' ? 'when it was needed' : 'when the call needed it';
  const when = isBehind ? `when ${first} asked it` : needed;
  return { part, text: `${names[part]} was away ${when}${why}` };
}

function missedBy(first: string, error: string): WatchedPart {
  if (/SWITCH_STORE_UNAVAILABLE|\bredis is away|call store is away/i.test(error)) return 'redis';
  if (/\bregistrar(?: is away|:| did not answer)/.test(error)) return 'registrar';
  return first === 'auth' || first === 'routing' || first === 'registrar' ? first : 'redis';
}

/** "The service auth" */
export function nameOfPart(part: WatchedPart): string {
  return names[part].replace(/, which .*$/, '');
}
