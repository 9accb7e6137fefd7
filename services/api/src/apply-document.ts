import type { KeyObject } from 'node:crypto';
import { openSecret, parseConfiguration, sealSecret } from '@tandem/config';
import type { ApplyContext, ConfigurationStore } from './ports.ts';
import { prepareVersion, type ApplyDecision } from './core/prepare-version.ts';

/** A document as it came in, and how it is to be applied. */
export interface DocumentRequest {
  readonly text: string;
  readonly format: 'yaml' | 'json';
  readonly context: ApplyContext;
  /** Apply only where this version is in effect; undefined = whichever is. */
  readonly expectedVersion: number | undefined;
}

/** What the document is checked against and kept with. */
export interface DocumentStore {
  readonly store: ConfigurationStore;
  readonly secretKey: KeyObject;
}

/** Checks a document and applies it whole, or not at all. */
export async function applyDocument(
  request: DocumentRequest,
  { store, secretKey }: DocumentStore,
): Promise<ApplyDecision> {
  const parsed = parseConfiguration(request.text, request.format);
  if (parsed.kind === 'invalid') return parsed;
  const { expectedVersion } = request;
  return store.apply(
    (current, openings) =>
      prepareVersion({
        document: parsed.configuration,
        current,
        openings,
        ...(expectedVersion === undefined ? {} : { expectedVersion }),
        seal: (password) => sealSecret(secretKey, password),
        open: (sealed) => openSecret(secretKey, sealed),
      }),
    request.context,
  );
}
