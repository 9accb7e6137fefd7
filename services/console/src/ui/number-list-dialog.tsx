import { useMutation } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { changeNumberList, type ListTask } from '../api/number-lists.ts';
import { count } from '../core/format.ts';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';
import { ProblemBox } from './problem-box.tsx';
import { tell } from './tell.ts';
import { useAnswer } from './use-answer.ts';

interface NumberListDialogProps {
  readonly name: string;
  /** Of what was read when one began. */
  readonly tag: string;
  readonly task: ListTask;
  readonly onClose: (isDone: boolean) => void;
}

let trials = 0;

/** Says what a change of a list would do, and does it. */
export function NumberListDialog(props: NumberListDialogProps): ReactElement {
  const { name, task, onClose } = props;
  // Another version that comes meanwhile does not take the place of what was seen.
  const [tag] = useState(props.tag);
  const [trialId] = useState(() => (trials += 1));
  const [note, setNote] = useState('');
  const trial = useAnswer(['number-list-trial', trialId], () =>
    changeNumberList({ name, tag, task }, { dryRun: true, note: '' }),
  );
  const change = useMutation({
    mutationFn: async () => changeNumberList({ name, tag, task }, { dryRun: false, note }),
    onSuccess: ({ numbers, version }) => {
      tell(`${name} has ${count(numbers)} numbers`, `version ${String(version)}`);
      onClose(true);
    },
  });
  const close = (): void => {
    onClose(false);
  };
  const { data } = trial;
  return (
    <Dialog title={titleOf(task, name)} isOpen onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <ProblemBox error={trial.error} />
        {data === undefined && trial.error === null ? <p className="note">Reading …</p> : null}
        {data === undefined ? null : (
          <p role="status">
            {data.isChanged
              ? `${count(data.added)} numbers come, ${count(data.removed)} go: ${count(data.numbers)} then.`
              : 'Nothing would change.'}
            {data.duplicates === 0 ? '' : ` ${count(data.duplicates)} lines stand there twice.`}
          </p>
        )}
        <Field label="Note for the version">
          <input
            value={note}
            maxLength={1000}
            onChange={(event) => {
              setNote(event.target.value);
            }}
          />
        </Field>
        <ProblemBox error={change.error} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={close}>
            Cancel
          </button>
          <button
            type="submit"
            className="button primary"
            disabled={change.isPending || data?.isChanged !== true}
          >
            Apply
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function titleOf(task: ListTask, name: string): string {
  switch (task.kind) {
    case 'import':
      return `Import into ${name}?`;
    case 'rollback':
      return `Put version ${String(task.version)} back into ${name}?`;
    case 'change':
      return `Change ${name}?`;
  }
}
