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
import { prepareVersion, type ApplyDecision } from './core/prepare-version.ts';

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

/** What the document is checked against and kept with. */
export interface DocumentStore {
  readonly store: ConfigurationStore;
  readonly secretKey: KeyObject;
  /** What the edges advertise, where they can be asked; never rejects. @default nobody is asked */
  readonly advertised?: (() => Promise<readonly AdvertisedAddress[] | undefined>) | undefined;
}

/** What became of a document, and what an operator should look at though it was no hindrance. */
export type Applied = ApplyDecision & { readonly warnings: readonly Mistake[] };

/** Checks a document and applies it whole, or not at all. */
export async function applyDocument(
  request: DocumentRequest,
  documents: DocumentStore,
): Promise<Applied> {
  const decision = await applyParsed(await readDocument(request), request, documents);
  releaseMemory(request.text.length);
  return decision;
}

/**
 * Applies the document of a version again, checked like any other (OPS-08).
 * @returns undefined where there is no such version
 */
export async function rollBack(
  request: RollbackRequest,
  documents: DocumentStore,
): Promise<Applied | undefined> {
  const found = await documents.store.get(request.version);
  if (found === undefined) return undefined;
  return applyParsed(opened(found.configuration, documents.secretKey), request, documents);
}

/** Applies a document that was read, whole, or not at all. */
export async function applyParsed(
  parsed: ParseResult,
  { context, expectedVersion, allowRemoval }: ApplyTerms,
  { store, secretKey, advertised }: DocumentStore,
): Promise<Applied> {
  if (parsed.kind === 'invalid') return { ...parsed, warnings: [] };
  const { mistakes, warnings } = await reachOf(parsed.configuration, advertised);
  if (mistakes.length > 0) return { kind: 'invalid', mistakes, warnings };
  const decision = await store.apply(
    (current, openings) =>
      prepareVersion({
        document: parsed.configuration,
        current,
        openings,
        expectedVersion,
        allowRemoval,
        seal: (password) => sealSecret(secretKey, password),
        open: (sealed) => openSecret(secretKey, sealed),
      }),
    context,
  );
  return { ...decision, warnings };
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
