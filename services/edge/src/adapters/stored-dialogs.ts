import { isFurtherTag } from '../core/marks/dialog-tag.ts';
import type { AnsweredDialog, StoredDialogs, StoredTokens } from '../ports.ts';

const none = Buffer.alloc(0);

/**
 * The tokens of a call as who asks for one dialog gets them: the caller's is that which was kept for the dialog, until the call
 * is answered in it, when the call's is the one that is kept true. None where the call's is of another dialog.
 */
export function storedDialogs(
  { a, b }: StoredTokens,
  {
    answered,
    own,
    toTag,
  }: {
    /** Without a callee's tag: not answered. */
    readonly answered: AnsweredDialog;
    readonly own: Buffer | undefined;
    readonly toTag: string | undefined;
  },
): StoredDialogs {
  const isAnswered = answered.farTag !== '';
  const isWinner = isAnswered && (answered.toTag === '' || answered.toTag === toTag);
  const isOfDialog = own !== undefined && !isWinner;
  const isOther = toTag !== undefined && !isWinner && (isAnswered || isFurtherTag(toTag));
  return {
    a: isOfDialog ? own : isOther ? none : a,
    b,
    ...(isAnswered ? { answered } : {}),
    ...(isOfDialog ? { isOfDialog } : {}),
  };
}
