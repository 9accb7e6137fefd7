import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { answerOf, api } from '../api/client.ts';
import { Dialog } from './dialog.tsx';
import { ProblemBox } from './problem-box.tsx';
import { tell } from './tell.ts';

interface Subject {
  readonly callId: string;
  readonly caller: string;
  readonly callee: string;
}

/** Ends a call, after it was said which one and why. */
export function useHangUp(): {
  readonly ask: (call: Subject) => void;
  readonly dialog: ReactElement;
} {
  const [call, setCall] = useState<Subject>();
  const [note, setNote] = useState('');
  const queries = useQueryClient();
  const ending = useMutation({
    mutationFn: async ({ callId }: Subject) =>
      answerOf(
        api.DELETE('/api/v1/calls/{callId}', { params: { path: { callId }, query: { note } } }),
      ),
    onSuccess: async () => {
      setCall(undefined);
      tell('The call was ended');
      await queries.invalidateQueries();
    },
  });
  const close = (): void => {
    setCall(undefined);
    ending.reset();
  };
  const dialog = (
    <Dialog title="Hang up the call?" isOpen={call !== undefined} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (call !== undefined) ending.mutate(call);
        }}
      >
        <p>
          {call?.caller} → {call?.callee}: both sides get a BYE; the CDR says EndedByOperator.
        </p>
        <label className="filter">
          <span>Note for the CDR</span>
          <input
            value={note}
            maxLength={200}
            onChange={(event) => {
              setNote(event.target.value);
            }}
          />
        </label>
        <ProblemBox error={ending.error} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={close}>
            Keep it
          </button>
          <button type="submit" className="button danger" disabled={ending.isPending}>
            Hang up
          </button>
        </div>
      </form>
    </Dialog>
  );
  return { ask: setCall, dialog };
}
