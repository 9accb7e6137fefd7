import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { answerOf, api } from '../api/client.ts';
import { AppliedChanges } from './applied-changes.tsx';
import { Dialog } from './dialog.tsx';
import { ProblemBox } from './problem-box.tsx';
import { tell } from './tell.ts';
import { useAnswer } from './use-answer.ts';

/** Brings a version back, after it was shown what that changes. */
export function RollbackDialog({
  version,
  onClose,
}: {
  readonly version: number;
  readonly onClose: () => void;
}): ReactElement {
  const queries = useQueryClient();
  const [note, setNote] = useState('');
  const path = { version };
  const trial = useAnswer(['rollback', version], () =>
    answerOf(
      api.POST('/api/v1/configuration/versions/{version}/rollback', {
        params: { path, query: { dryRun: true } },
      }),
    ),
  );
  const allowRemoval = trial.data?.allowRemoval ?? undefined;
  const rollback = useMutation({
    mutationFn: async () =>
      answerOf(
        api.POST('/api/v1/configuration/versions/{version}/rollback', {
          params: {
            path,
            query: { note, ...(allowRemoval === undefined ? {} : { allowRemoval }) },
          },
        }),
      ),
    onSuccess: async (applied) => {
      tell(`Version ${String(version)} is back`, `as version ${String(applied.version)}`);
      onClose();
      await queries.invalidateQueries();
    },
  });
  return (
    <Dialog title={`Roll back to version ${String(version)}?`} isOpen onClose={onClose} isWide>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          rollback.mutate();
        }}
      >
        <ProblemBox error={trial.error} />
        {trial.data === undefined ? (
          <p className="note">Comparing …</p>
        ) : (
          <AppliedChanges applied={trial.data} />
        )}
        <label className="filter">
          <span>Note</span>
          <input
            value={note}
            onChange={(event) => {
              setNote(event.target.value);
            }}
          />
        </label>
        <ProblemBox error={rollback.error} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="button primary"
            disabled={rollback.isPending || trial.data?.isChanged !== true}
          >
            Roll back
          </button>
        </div>
      </form>
    </Dialog>
  );
}
