import { releaseMemory, type Mistake } from '@tandem/config';
import { readDocument } from './adapters/document-text.ts';
import { applyParsed, type DocumentStore } from './apply-document.ts';
import type { Change } from './core/changes.ts';
import type { ReplayStore } from './replay-ports.ts';

/** A draft as it came in. */
export interface DraftRequest {
  /** Under which it is stored. */
  readonly id: string;
  readonly text: string;
  readonly format: 'yaml' | 'json';
}

/** What became of it. */
export type PreparedDraft =
  | { readonly kind: 'invalid'; readonly mistakes: readonly Mistake[] }
  /** Equal to the version in effect: nothing is stored. */
  | { readonly kind: 'unchanged'; readonly version: number }
  | {
      readonly kind: 'stored';
      /** In effect, and what the draft is held against. */
      readonly version: number;
      readonly changes: readonly Change[];
    };

const MOST_CHANGES = 1000;

/**
 * Checks a draft as if it were applied, and stores it beside the versions, in effect nowhere (OPS-08). Whether edges reach its gateways is not
 * asked: nobody is called.
 */
export async function prepareDraft(
  request: DraftRequest,
  { large, secretKey, store }: Omit<DocumentStore, 'advertised'>,
  drafts: Pick<ReplayStore, 'putDraft'>,
): Promise<PreparedDraft> {
  if (large !== undefined && (await large.isNeeded(request.text.length))) {
    return large.prepareDraft(request);
  }
  const { decision } = await applyParsed(
    await readDocument(request),
    {
      context: { appliedBy: '', note: '', isDryRun: true },
      expectedVersion: undefined,
      allowRemoval: Number.MAX_SAFE_INTEGER,
    },
    { store, secretKey },
  );
  releaseMemory(request.text.length);
  if (decision.kind === 'invalid') return decision;
  if (!('configuration' in decision)) return { kind: 'unchanged', version: decision.version };
  await drafts.putDraft(request.id, decision.configuration);
  const changes = decision.changes.slice(0, MOST_CHANGES);
  return { kind: 'stored', version: decision.version - 1, changes };
}
