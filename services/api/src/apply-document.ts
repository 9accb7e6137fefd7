import type { KeyObject } from 'node:crypto';
import {
  checkConfiguration,
  openPasswords,
  openSecret,
  releaseMemory,
  sealSecret,
  type Configuration,
  type ParseResult,
} from '@tandem/config';
import { SwitchError } from '@tandem/domain';
import { readDocument } from './adapters/document-text.ts';
import type { ApplyContext, ConfigurationStore } from './ports.ts';
import { prepareVersion, type ApplyDecision } from './core/prepare-version.ts';

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
}

/** Checks a document and applies it whole, or not at all. */
export async function applyDocument(
  request: DocumentRequest,
  documents: DocumentStore,
): Promise<ApplyDecision> {
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
): Promise<ApplyDecision | undefined> {
  const found = await documents.store.get(request.version);
  if (found === undefined) return undefined;
  return applyParsed(opened(found.configuration, documents.secretKey), request, documents);
}

async function applyParsed(
  parsed: ParseResult,
  { context, expectedVersion, allowRemoval }: ApplyTerms,
  { store, secretKey }: DocumentStore,
): Promise<ApplyDecision> {
  if (parsed.kind === 'invalid') return parsed;
  return store.apply(
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
