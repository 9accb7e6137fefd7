import {
  callerAnswersOf,
  knownScanners,
  readParameters,
  type CallerAnswers,
  type challengeAlgorithms,
  type Configuration,
  type Snapshot,
} from '@tandem/config';
import type { OverloadTerms, Scanners } from '@tandem/proto/auth';
import type { Steps } from '@tandem/domain';
import type { NameSource } from '@tandem/sip-names';
import { Origins } from './origins.ts';
import { abuseTermsOf, type AbuseTerms } from './abuse-terms.ts';
import { overloadTermsOf } from './overload-terms.ts';
import { termsOf, type SessionTerms } from './session-terms.ts';
import { SourceLists } from './source-lists.ts';
import { UserAgents } from './user-agents.ts';

export type ChallengeAlgorithm = (typeof challengeAlgorithms)[number];

/** What does not come from the snapshot. */
export interface AuthSettings {
  /** Offered in every challenge and accepted in answers, strongest first. */
  readonly algorithms: readonly ChallengeAlgorithm[];
  readonly nonceLifetimeMs: number;
  /** Opens a sealed password; throws SwitchError SWITCH_SECRET_INVALID where the key is not its own. */
  readonly openPassword: (sealed: string) => string;
}

/** One version of the configuration as auth uses it; never changed, only replaced (ROUTE-13). */
export interface AuthConfiguration {
  readonly version: number;
  readonly origins: Origins;
  /** For sessions that begin now (AUTH-03). */
  readonly terms: SessionTerms;
  /** For the edges, in every answer (CALL-11); undefined where all of it is the default. */
  readonly overload: OverloadTerms | undefined;
  /** SS_REPLY_UNAUTHORIZED: unknown user names and wrong credentials are answered (AUTH-09). */
  readonly repliesUnauthorized: boolean;
  /** For sources, from now on (AUTH-08). */
  readonly abuse: AbuseTerms;
  readonly sources: SourceLists;
  /** SS_UNKNOWN_SOURCE is `refuse` (AUTH-14). */
  readonly refusesUnknown: boolean;
  readonly agents: UserAgents;
  /** OPS-10: SS_JOURNAL_STRANGER_ENTRIES. */
  readonly journalEntries: number;
  /** For the edges, in every answer; undefined where the list is the default. */
  readonly scanners: Scanners | undefined;
  /** How mapping gateways want refusals told (DENY-18), by name; those alone that do not take them as they are. */
  readonly callerAnswers: ReadonlyMap<string, CallerAnswers>;
  readonly settings: AuthSettings;
}

/**
 * Makes ready what requests are looked up in, step by step.
 * @param names of routing gateways
 * @throws ConfigurationError where the parameters contradict each other (AUTH-02)
 */
export function* configurationInSteps(
  { version, configuration }: Pick<Snapshot, 'version' | 'configuration'>,
  settings: AuthSettings,
  names: NameSource,
): Steps<AuthConfiguration> {
  const parameters = readParameters(configuration.parameters);
  return {
    version,
    origins: yield* Origins.inSteps(configuration),
    terms: termsOf(parameters),
    overload: overloadTermsOf(parameters),
    repliesUnauthorized: parameters.SS_REPLY_UNAUTHORIZED,
    abuse: abuseTermsOf(parameters),
    sources: yield* SourceLists.inSteps(configuration, names),
    refusesUnknown: parameters.SS_UNKNOWN_SOURCE === 'refuse',
    agents: new UserAgents(configuration),
    journalEntries: parameters.SS_JOURNAL_STRANGER_ENTRIES,
    scanners: scannersOf(configuration.security?.scanners),
    callerAnswers: new Map(configuration.mappingGateways.flatMap(answersEntry)),
    settings,
  };
}

function answersEntry(
  gateway: Configuration['mappingGateways'][number],
): [string, CallerAnswers][] {
  const answers = callerAnswersOf(gateway);
  return answers === undefined ? [] : [[gateway.name, answers]];
}

function scannersOf(names: readonly string[] = knownScanners): Scanners | undefined {
  const same = names.length === knownScanners.length;
  if (same && names.every((name, at) => name === knownScanners[at])) return undefined;
  return { names: names.map((name) => name.toLowerCase()) };
}
