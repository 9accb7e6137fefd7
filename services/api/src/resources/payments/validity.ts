import { fail, problem, ProblemError } from '../../api/problem.ts';
import { applyEntry } from '../../apply-change.ts';
import type { DocumentStore } from '../../apply-document.ts';
import { placedLists } from '../../core/entries.ts';

/** A payment moves the date until which its account is valid (BILL-10). */
export interface Validity {
  readonly name: string;
  /** UTC, ISO 8601. */
  readonly validUntil: string;
  /** Of the payment. */
  readonly reference: string;
  /** Who books it. */
  readonly appliedBy: string;
}

/** Applies it as a version of its own; what is so already changes nothing. */
export async function setValidity(
  { appliedBy, name, reference, validUntil }: Validity,
  documents: DocumentStore,
): Promise<void> {
  const list = placedLists.find(({ place }) => place === 'accounts');
  if (list === undefined) throw new Error('accounts are no list of the configuration');
  const note = `payment ${reference} of ${name}`;
  const context = { appliedBy, note, isDryRun: false };
  const change = { kind: 'merge', name, patch: { validUntil } } as const;
  const applied = await applyEntry({ list, change, expectedTag: undefined, context }, documents);
  if (applied.kind === 'new' || applied.kind === 'unchanged') return;
  const booked = `payment ${reference} is booked, the validity of ${name} is not changed`;
  if (applied.kind === 'invalid') {
    const { mistakes } = applied;
    throw new ProblemError(problem(422, 'configuration-invalid', booked, { mistakes }));
  }
  throw fail(409, 'conflict', `${booked}: another change came in between; send it again`);
}
