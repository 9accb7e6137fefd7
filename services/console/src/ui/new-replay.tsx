import { useMutation } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useLocation } from 'wouter';
import { request, type Schemas } from '../api/client.ts';
import { Dialog } from './dialog.tsx';
import { ProblemBox } from './problem-box.tsx';
import { tell } from './tell.ts';

interface Wanted {
  readonly from: string;
  readonly until: string;
  readonly calls: File | undefined;
  readonly draft: File | undefined;
  readonly version: string;
  readonly rates: string;
  readonly ignoresLimits: boolean;
  readonly note: string;
}

const nothing: Wanted = { from: '24h', until: '', calls: undefined, draft: undefined, version: '', rates: '', ignoresLimits: false, note: '' }; // prettier-ignore

/** Begins a replay: which calls, and against which draft. */
export function NewReplay({ onClose }: { readonly onClose: () => void }): ReactElement {
  const [wanted, setWanted] = useState(nothing);
  const [, goTo] = useLocation();
  const change = (changes: Partial<Wanted>): void => {
    setWanted({ ...wanted, ...changes });
  };
  const begin = useMutation({
    mutationFn: () => create(wanted),
    onSuccess: ({ id }) => {
      tell('The replay is begun');
      goTo(`/replays/${id}`);
    },
  });
  const text = (
    name: 'from' | 'until' | 'version' | 'rates' | 'note',
    label: string,
    hint: string,
  ) => (
    <label className="filter">
      <span>{label}</span>
      <input
        value={wanted[name]}
        placeholder={hint}
        onChange={(event) => {
          change({ [name]: event.target.value });
        }}
      />
    </label>
  );
  const file = (name: 'calls' | 'draft', label: string, accept: string) => (
    <label className="filter">
      <span>{label}</span>
      <input
        type="file"
        accept={accept}
        onChange={(event) => {
          change({ [name]: event.target.files?.[0] });
        }}
      />
    </label>
  );
  const isOne = wanted.draft === undefined || wanted.version === '';
  const hasDraft =
    isOne && (wanted.draft !== undefined || wanted.version !== '' || wanted.rates !== '');
  return (
    <Dialog title="New replay" isOpen onClose={onClose} isWide>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          begin.mutate();
        }}
      >
        {file('draft', 'Draft: a whole document (YAML or JSON)', '.yaml,.yml,.json')}
        {text('version', 'or a version', 'a number, with no document')}
        {text(
          'rates',
          'and, or only, rates that wait to be applied',
          'group:id of an import, with commas',
        )}
        {file('calls', 'Calls of a file (CSV: from, callee, at, seconds …)', '.csv,text/csv')}
        {wanted.calls === undefined ? (
          <>
            {text('from', 'or CDRs since', '24h, or a UTC time')}
            {text('until', 'before', 'now, or a UTC time')}
          </>
        ) : null}
        <label>
          <input
            type="checkbox"
            checked={wanted.ignoresLimits}
            onChange={(event) => {
              change({ ignoresLimits: event.target.checked });
            }}
          />{' '}
          Without limits of lines and calls per second: what would be needed
        </label>
        {text('note', 'Note', '')}
        <ProblemBox error={begin.error} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={begin.isPending || !hasDraft}>
            Replay
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** What is wrong with the calls leaves no replay behind that waits for others. */
async function create(wanted: Wanted): Promise<Schemas['Replay']> {
  const { calls, draft, from, ignoresLimits, note, rates, until, version } = wanted;
  const answer = await request('/replays', {
    method: 'POST',
    query: {
      ...(calls === undefined ? { from, until } : { calls: 'file' }),
      version,
      rates,
      note,
      limits: ignoresLimits ? 'ignore' : undefined,
    },
    contentType: draft?.name.endsWith('.json') === true ? 'application/json' : 'application/yaml',
    ...(draft === undefined ? {} : { file: draft }),
  });
  const replay = (await answer.json()) as Schemas['Replay'];
  if (calls === undefined) return replay;
  try {
    const path = `/replays/${replay.id}/calls`;
    await request(path, { method: 'PUT', contentType: 'text/csv', file: calls });
    return replay;
  } catch (error) {
    await request(`/replays/${replay.id}`, { method: 'DELETE' });
    throw error;
  }
}
