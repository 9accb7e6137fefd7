import { checkChange, type Configuration } from '@tandem/config';
import { stepByStep } from '@tandem/service';
import {
  applyParsed,
  outcomeOf,
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
import { entriesAt } from './core/entries.ts';
import { EMPTY } from './core/prepare-version.ts';

/** A change to whatever configuration is in effect. */
export interface ChangeRequest<Refusal> {
  /**
   * Makes the changed document of what is in effect, passwords sealed, in which what stays is the same object. It is asked again
   * where something else was applied meanwhile.
   */
  readonly make: (current: Configuration) => ChangedDocument | Refusal;
  readonly allowRemoval: number | undefined;
  readonly context: ApplyTerms['context'];
  /** Takes the changed document, where there is a new one. */
  readonly take?: (configuration: Configuration) => void;
}

/** What became of it, and where in its list the entry stands: undefined where it was removed. */
export type AppliedChange = Applied & Pick<ChangedDocument, 'index'>;

/** Who comes in between so often is a program that does nothing else. */
const ATTEMPTS = 10;
/** Who removes one entry by its name means it. */
const ONE = 1;

/** Changes one thing and applies the document that this makes: what changes is checked as in any other document (OPS-01). */
export async function applyChange<Refusal extends { readonly kind: string } = never>(
  { allowRemoval, context, make, take }: ChangeRequest<NoInfer<Refusal>>,
  documents: DocumentStore,
): Promise<AppliedChange | Refusal> {
  for (let attempt = 1; ; attempt++) {
    const current = await documents.store.current();
    const configuration = current?.configuration ?? EMPTY;
    const made = make(configuration);
    if (!isChanged(made)) return made;
    const parsed = await stepByStep(checkChange(configuration, made.document));
    const expectedVersion = current?.version ?? 0;
    const terms = { context, expectedVersion, allowRemoval, isChangeOfCurrent: true };
    const { decision, warnings } = await applyParsed(parsed, terms, documents);
    if (decision.kind === 'stale' && attempt < ATTEMPTS) continue;
    if (decision.kind === 'new') take?.(decision.configuration);
    return { ...outcomeOf({ decision, warnings }), index: made.index };
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

/** The change of an entry, and what tells its new state from others; undefined where there is none. */
export type AppliedEntry = AppliedChange & { readonly tag: string | undefined };

/** Changes one entry of a list. */
export async function applyEntry(
  { change, context, expectedTag, list }: EntryRequest,
  documents: DocumentStore,
): Promise<AppliedEntry | EntryDenial> {
  const make = (current: Configuration): ChangedDocument | EntryDenial => {
    const entry = change.kind === 'create' ? undefined : findEntry(current, list, change.name);
    if (entry !== undefined && expectedTag !== undefined && entryTag(entry) !== expectedTag) {
      return { kind: 'entry-changed' };
    }
    return changeEntry(current, list, change);
  };
  let after: Configuration | undefined;
  const take = (configuration: Configuration): void => {
    after = configuration;
  };
  const allowRemoval = change.kind === 'remove' ? ONE : undefined;
  const applied = await applyChange<EntryDenial>({ make, allowRemoval, context, take }, documents);
  if (!('index' in applied)) return applied;
  const { index } = applied;
  const entry = after && index !== undefined ? entriesAt(after, list.place)[index] : undefined;
  return { ...applied, tag: entry && entryTag(entry) };
}

function isChanged(made: { readonly kind: string }): made is ChangedDocument {
  return made.kind === 'changed';
}
