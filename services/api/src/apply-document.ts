import type { KeyObject } from 'node:crypto';
import {
  checkConfiguration,
  openPasswords,
  openSecret,
  releaseMemory,
  sealSecret,
  type Configuration,
  type Mistake,
  type ParseResult,
} from '@tandem/config';
import { SwitchError } from '@tandem/domain';
import { readDocument } from './adapters/document-text.ts';
import type { ApplyContext, ConfigurationStore } from './ports.ts';
import { checkReach, type AdvertisedAddress, type ReachCheck } from './core/reachable-gateways.ts';
import { prepareVersion, type ApplyDecision, type NewVersion } from './core/prepare-version.ts';
import type { DraftRequest, PreparedDraft } from './prepare-draft.ts';
import type { EntryRequest, AppliedEntry, EntryDenial } from './apply-change.ts';

const UNASKED: Mistake = {
  path: 'routingGateways',
  message:
    'were not held against what the edges listen on, since none could be asked: one that no edge can reach fails its calls',
};

/** How a document is to be applied. */
export interface ApplyTerms {
  readonly context: ApplyContext;
  /** Apply only where this version is in effect; undefined = whichever is. */
  readonly expectedVersion: number | undefined;
  /** How many entries may be removed; undefined = no more than an everyday change removes. */
  readonly allowRemoval: number | undefined;
}

/** A document as it came in, and how it is to be applied. */
export interface DocumentRequest extends ApplyTerms {
  readonly text: string;
  readonly format: 'yaml' | 'json';
}

/** A version that is to be brought back, as a new one. */
export interface RollbackRequest extends ApplyTerms {
  readonly version: number;
}

/** An entry as it came in, and what is to become of it; the text is JSON. */
export interface EntryTextRequest extends Pick<EntryRequest, 'expectedTag' | 'context'> {
  readonly place: EntryRequest['list']['place'];
  readonly change:
    { readonly kind: 'create' } | { readonly kind: 'replace' | 'merge'; readonly name: string };
  readonly text: string;
}

/** Does with large documents what is done with others here, and nobody waits here meanwhile. */
export interface LargeDocuments {
  /** Whether a text of so many characters is large, or what it would take the place of. */
  isNeeded(length: number): Promise<boolean>;
  apply(request: DocumentRequest): Promise<Applied>;
  rollBack(request: RollbackRequest): Promise<Applied | undefined>;
  changeEntry(
    request: EntryTextRequest,
  ): Promise<AppliedEntry | EntryDenial | { readonly kind: 'no-json'; readonly why: string }>;
  prepareDraft(request: DraftRequest): Promise<PreparedDraft>;
}

/** What the document is checked against and kept with. */
export interface DocumentStore {
  readonly store: ConfigurationStore;
  readonly secretKey: KeyObject;
  /** What the edges advertise, where they can be asked; never rejects. @default nobody is asked */
  readonly advertised?: (() => Promise<readonly AdvertisedAddress[] | undefined>) | undefined;
  /** @default large documents are dealt with as others are */
  readonly large?: LargeDocuments | undefined;
}

/** What became of a document, and what an operator should look at though it was no hindrance. */
export type Applied = ApplyOutcome & { readonly warnings: readonly Mistake[] };

/** A decision without the document: that of a large one stays where it was made. */
export type ApplyOutcome = Exclude<ApplyDecision, NewVersion> | Omit<NewVersion, 'configuration'>;

/** A decision, and what an operator should look at. */
export interface Decided {
  readonly decision: ApplyDecision;
  readonly warnings: readonly Mistake[];
}

/** The decision as it is told. */
export function outcomeOf({ decision, warnings }: Decided): Applied {
  if (!('configuration' in decision)) return { ...decision, warnings };
  const { kind, version, changes, removal, openings } = decision;
  return { kind, version, changes, removal, openings, warnings };
}

/** Checks a document and applies it whole, or not at all. */
export async function applyDocument(
  request: DocumentRequest,
  documents: DocumentStore,
): Promise<Applied> {
  const { large } = documents;
  if (large !== undefined && (await large.isNeeded(request.text.length))) {
    return large.apply(request);
  }
  const decided = await applyParsed(await readDocument(request), request, documents);
  releaseMemory(request.text.length);
  return outcomeOf(decided);
}

/**
 * Applies the document of a version again, checked like any other (OPS-08).
 * @returns undefined where there is no such version
 */
export async function rollBack(
  request: RollbackRequest,
  documents: DocumentStore,
): Promise<Applied | undefined> {
  const { large } = documents;
  if (large !== undefined && (await large.isNeeded(0))) return large.rollBack(request);
  const found = await documents.store.get(request.version);
  if (found === undefined) return undefined;
  const parsed = opened(found.configuration, documents.secretKey);
  return outcomeOf(await applyParsed(parsed, request, documents));
}

/**
 * Applies a document that was read, whole, or not at all.
 * @param isChangeOfCurrent whether what it has in common with the version that is expected is sealed in it
 */
export async function applyParsed(
  parsed: ParseResult,
  {
    allowRemoval,
    context,
    expectedVersion,
    isChangeOfCurrent,
  }: ApplyTerms & { readonly isChangeOfCurrent?: boolean },
  { store, secretKey, advertised }: Omit<DocumentStore, 'large'>,
): Promise<Decided> {
  if (parsed.kind === 'invalid') return { decision: parsed, warnings: [] };
  const { mistakes, warnings } = await reachOf(parsed.configuration, advertised);
  if (mistakes.length > 0) return { decision: { kind: 'invalid', mistakes }, warnings };
  const decision = await store.apply(
    (current, openings) =>
      prepareVersion({
        document: parsed.configuration,
        isChangeOfCurrent,
        current,
        openings,
        expectedVersion,
        allowRemoval,
        seal: (password) => sealSecret(secretKey, password),
        open: (sealed) => openSecret(secretKey, sealed),
      }),
    context,
  );
  return { decision, warnings };
}

/** CALL-07: where no edge answers, what it would find is found by each call. */
async function reachOf(
  configuration: Configuration,
  advertised: DocumentStore['advertised'],
): Promise<ReachCheck> {
  if (advertised === undefined || configuration.routingGateways.length === 0) return unchecked([]);
  const known = await advertised();
  return known === undefined ? unchecked([UNASKED]) : checkReach(configuration, known);
}

function unchecked(warnings: readonly Mistake[]): ReachCheck {
  return { mistakes: [], warnings };
}

/** A stored document as it was given: an older release may have allowed what this one does not. */
function opened(stored: Configuration, secretKey: KeyObject): ParseResult {
  try {
    return checkConfiguration(openPasswords(stored, secretKey));
  } catch (error) {
    if (!(error instanceof SwitchError) || error.code !== 'SWITCH_SECRET_INVALID') throw error;
    const message =
      'has passwords that no key of TANDEM_SECRET_KEY_FILE opens: add the key that was used then as a further line';
    return { kind: 'invalid', mistakes: [{ path: '', message }] };
  }
}
