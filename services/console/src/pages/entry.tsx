import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import { ApiProblem } from '../api/client.ts';
import {
  changeEntry,
  entrySchema,
  readEntry,
  type Entry,
  type EntryChange,
} from '../api/entries.ts';
import { useMay } from '../api/session.ts';
import { entryHref, entryKind, type EntryKind } from '../core/entry-kinds.ts';
import type { JsonSchema } from '../core/entry-schema.ts';
import { mergePatch } from '../core/merge-patch.ts';
import { AppliedChanges } from '../ui/applied-changes.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { EntryForm } from '../ui/entry-form.tsx';
import { Page } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { tell } from '../ui/tell.ts';
import { useAnswer } from '../ui/use-answer.ts';

const NEW = '+';

/** One entry of the configuration: read, changed, added, removed; its form is made of its schema. */
export function EntryPage(): ReactElement {
  const { kind: path, name: encoded } = useParams<{ kind: string; name: string }>();
  const kind = entryKind(path);
  const name = decodeURIComponent(encoded);
  if (kind === undefined)
    return <Page title="No such list">The configuration has no list “{path}”.</Page>;
  return <Loaded key={`${path} ${name}`} kind={kind} name={name} />;
}

function Loaded({ kind, name }: { readonly kind: EntryKind; readonly name: string }): ReactElement {
  const isNew = name === NEW;
  const schema = useAnswer(['schema', kind.path], () => entrySchema(kind));
  const found = useAnswer(['configuration', kind.path, 'one', name], () => readEntry(kind, name), {
    isOff: isNew,
  });
  const title = isNew ? `Add a ${kind.one}` : name;
  const stored = isNew ? { entry: {}, tag: '' } : found.data;
  return (
    <Page
      title={title}
      lead={<Link href={`/configuration/${kind.path}`}>{kind.many}</Link>}
      actions={
        kind.path === 'rate-groups' && !isNew ? (
          <Link className="button" href={`/rates/${encodeURIComponent(name)}`}>
            Import, export
          </Link>
        ) : undefined
      }
    >
      <ProblemBox error={schema.error ?? found.error} />
      {schema.data === undefined || stored === undefined ? (
        <p className="empty">Loading …</p>
      ) : (
        // Another tag is another entry: who has it open is told, and goes on from what he has.
        <Editor kind={kind} name={isNew ? undefined : name} schema={schema.data} stored={stored} />
      )}
    </Page>
  );
}

interface EditorProps {
  readonly kind: EntryKind;
  /** Undefined: it is a new one. */
  readonly name: string | undefined;
  readonly schema: JsonSchema;
  readonly stored: { readonly entry: Entry; readonly tag: string };
}

function Editor({ kind, name, schema, stored }: EditorProps): ReactElement {
  // What was there when one began, and not what has come since: else the tag would not protect it.
  const [begun, setBegun] = useState(stored);
  const [draft, setDraft] = useState<Entry>(stored.entry);
  const [wanted, setWanted] = useState<EntryChange>();
  const mayChange = useMay(`${name === undefined ? 'create' : 'change'}Configured${kind.shape}`);
  const mayRemove = useMay(`removeConfigured${kind.shape}`);
  const trial = useMutation({
    mutationFn: async (change: EntryChange) =>
      changeEntry(kind, change, { dryRun: true, note: '' }),
    onSuccess: (_applied, change) => {
      setWanted(change);
    },
  });
  const restart = (): void => {
    setBegun(stored);
    setDraft(stored.entry);
    trial.reset();
  };
  const isOutdated = stored.tag !== begun.tag;
  const mistakes = trial.error instanceof ApiProblem ? (trial.error.problem.mistakes ?? []) : [];
  const review = (): void => {
    trial.mutate(
      name === undefined
        ? { kind: 'add', entry: draft }
        : { kind: 'change', name, tag: begun.tag, patch: mergePatch(begun.entry, draft) },
    );
  };
  return (
    <>
      {isOutdated ? (
        <div role="alert" className="problem">
          Somebody else has changed this since you opened it.{' '}
          <button type="button" className="button" onClick={restart}>
            Begin again from what is there now
          </button>
        </div>
      ) : null}
      <form
        className="entry-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          review();
        }}
      >
        <EntryForm
          schema={schema}
          most={kind.columns}
          entry={draft}
          mistakes={mistakes}
          isReadOnly={!mayChange}
          fixed={name === undefined ? undefined : kind.nameField}
          onChange={setDraft}
        />
        <div className="form-actions">
          <ProblemBox error={trial.error} />
          {mayChange ? (
            <button type="submit" className="button primary" disabled={trial.isPending}>
              Review
            </button>
          ) : null}
          <button type="button" className="button" onClick={restart}>
            Undo
          </button>
          {name !== undefined && mayRemove ? (
            <button
              type="button"
              className="button danger"
              onClick={() => {
                trial.mutate({ kind: 'remove', name, tag: begun.tag });
              }}
            >
              Remove …
            </button>
          ) : null}
        </div>
      </form>
      {wanted === undefined || trial.data === undefined ? null : (
        <ApplyDialog
          kind={kind}
          change={wanted}
          applied={trial.data}
          onClose={() => {
            setWanted(undefined);
          }}
        />
      )}
    </>
  );
}

interface ApplyProps {
  readonly kind: EntryKind;
  readonly change: EntryChange;
  readonly applied: Parameters<typeof AppliedChanges>[0]['applied'];
  readonly onClose: () => void;
}

/** What would change, and the word that does it. */
function ApplyDialog({ kind, change, applied, onClose }: ApplyProps): ReactElement {
  const [, navigate] = useLocation();
  const [note, setNote] = useState('');
  const queries = useQueryClient();
  const apply = useMutation({
    mutationFn: async () => changeEntry(kind, change, { dryRun: false, note }),
    onSuccess: async ({ version }) => {
      tell(
        change.kind === 'remove' ? 'It was removed' : 'It is in effect',
        `Version ${String(version)}`,
      );
      // The form begins again from what is stored now.
      navigate(
        change.kind === 'add'
          ? entryHref(kind.path, String(change.entry[kind.nameField]))
          : `/configuration/${kind.path}`,
      );
      await queries.invalidateQueries();
    },
  });
  return (
    <Dialog
      title={change.kind === 'remove' ? 'Remove it?' : 'Apply this?'}
      isOpen
      onClose={onClose}
      isWide
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          apply.mutate();
        }}
      >
        <AppliedChanges applied={applied} />
        <label className="filter">
          <span>Note for the version</span>
          <input
            value={note}
            onChange={(event) => {
              setNote(event.target.value);
            }}
          />
        </label>
        <ProblemBox error={apply.error} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className={change.kind === 'remove' ? 'button danger' : 'button primary'}
            disabled={apply.isPending || !applied.isChanged}
          >
            {change.kind === 'remove' ? 'Remove' : 'Apply'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
