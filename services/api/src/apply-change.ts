import { maskPasswords, type Configuration } from '@tandem/config';
import { readDocument } from './adapters/document-text.ts';
import {
  applyParsed,
  type Applied,
  type ApplyTerms,
  type DocumentStore,
} from './apply-document.ts';
import {
  changeEntry,
  entryTag,
  findEntry,
  type ChangedDocument,
  type EntryChange,
  type EntryRefusal,
  type PlacedList,
} from './core/change-entry.ts';
import { EMPTY } from './core/prepare-version.ts';

/** A change to whatever configuration is in effect. */
export interface ChangeRequest<Refusal> {
  /**
   * Makes the changed document of what is in effect, passwords sealed; those of the document are masked. It is asked again
   * where something else was applied meanwhile.
   */
  readonly make: (current: Configuration) => ChangedDocument | Refusal;
  readonly allowRemoval: number | undefined;
  readonly context: ApplyTerms['context'];
}

/** What became of it, and where in its list the entry stands: undefined where it was removed. */
export type AppliedChange = Applied & Pick<ChangedDocument, 'index'>;

/** Who comes in between so often is a program that does nothing else. */
const ATTEMPTS = 10;
/** Who removes one entry by its name means it. */
const ONE = 1;

/** Changes one thing and applies the document that this makes, checked as any other is (OPS-01). */
export async function applyChange<Refusal extends { readonly kind: string } = never>(
  { allowRemoval, context, make }: ChangeRequest<NoInfer<Refusal>>,
  documents: DocumentStore,
): Promise<AppliedChange | Refusal> {
  for (let attempt = 1; ; attempt++) {
    const current = await documents.store.current();
    const made = make(current?.configuration ?? EMPTY);
    if (!isChanged(made)) return made;
    const text = JSON.stringify(made.document);
    const terms = { context, expectedVersion: current?.version ?? 0, allowRemoval };
    const parsed = await readDocument({ text, format: 'json' });
    const applied = await applyParsed(parsed, terms, documents);
    if (applied.kind !== 'stale' || attempt === ATTEMPTS) return { ...applied, index: made.index };
  }
}

/** One entry that is to be changed. */
export interface EntryRequest {
  readonly list: PlacedList;
  readonly change: EntryChange;
  /** Change only what is still so; undefined = whatever it is. */
  readonly expectedTag: string | undefined;
  readonly context: ApplyTerms['context'];
}

/** Why an entry was not changed. */
export type EntryDenial = EntryRefusal | { readonly kind: 'entry-changed' };

/** Changes one entry of a list. */
export function applyEntry(
  { change, context, expectedTag, list }: EntryRequest,
  documents: DocumentStore,
): Promise<AppliedChange | EntryDenial> {
  const make = (current: Configuration): ChangedDocument | EntryDenial => {
    const entry = change.kind === 'create' ? undefined : findEntry(current, list, change.name);
    if (entry !== undefined && expectedTag !== undefined && entryTag(entry) !== expectedTag) {
      return { kind: 'entry-changed' };
    }
    return changeEntry(maskPasswords(current), list, change);
  };
  const allowRemoval = change.kind === 'remove' ? ONE : undefined;
  return applyChange<EntryDenial>({ make, allowRemoval, context }, documents);
}

function isChanged(made: { readonly kind: string }): made is ChangedDocument {
  return made.kind === 'changed';
}
