import { useMutation } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useLocation } from 'wouter';
import { answerOf, api, request } from '../api/client.ts';
import { Dialog } from './dialog.tsx';
import { ProblemBox } from './problem-box.tsx';

const columnFields = ['callee', 'at', 'seconds', 'caller', 'price', 'id'] as const;
const needed: readonly string[] = ['callee', 'at', 'seconds'];
const labels: Readonly<Record<(typeof columnFields)[number], string>> = {
  callee: 'Called number',
  at: 'Time',
  seconds: 'Duration',
  caller: 'Caller',
  price: 'Price',
  id: 'Its id',
};
const texts = {
  account: '',
  from: '',
  until: '',
  timeZone: 'UTC',
  dates: 'ymd',
  time: '60',
  duration: '1',
  price: '0',
  digits: '0',
  theirPrefix: '',
};

/** Asks for a file of CDRs, how it is read and what it is compared with. */
export function CompareDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const [, go] = useLocation();
  const [file, setFile] = useState<File>();
  const [told, setTold] = useState<Readonly<Record<string, string>>>(texts);
  const [columns, setColumns] = useState<Readonly<Record<string, string>>>({});
  const comparison = useMutation({
    mutationFn: async () => {
      if (file === undefined) throw new Error('there is no file');
      const { id } = await answerOf(api.POST('/api/v1/disputes', { body: requestOf(file, told, columns) })); // prettier-ignore
      await request(`/disputes/${String(id)}/file`, {
        method: 'PUT',
        contentType: 'application/octet-stream',
        file,
      });
      return id;
    },
    onSuccess: (id) => {
      onClose();
      go(`/disputes/${String(id)}`);
    },
  });
  const field = (name: keyof typeof texts, label: string, type = 'text'): ReactElement => (
    <label className="filter" key={name}>
      <span>{label}</span>
      <input
        type={type}
        value={told[name] ?? ''}
        required={name === 'account' || type !== 'text'}
        onChange={(event) => {
          setTold({ ...told, [name]: event.target.value });
        }}
      />
    </label>
  );
  return (
    <Dialog title="Compare a file of CDRs" isOpen isWide onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          comparison.mutate();
        }}
      >
        <label className="filter">
          <span>CSV file</span>
          <input
            type="file"
            required
            onChange={(event) => {
              setFile(event.target.files?.[0]);
            }}
          />
        </label>
        {field('account', 'Account whose CDRs they are')}
        {field('from', 'Calls from (UTC)', 'datetime-local')}
        {field('until', 'Before (UTC)', 'datetime-local')}
        <p>Which column of the file has what, by its heading:</p>
        {columnFields.map((name) => (
          <label className="filter" key={name}>
            <span>{labels[name]}</span>
            <input
              value={columns[name] ?? ''}
              required={needed.includes(name)}
              onChange={(event) => {
                setColumns({ ...columns, [name]: event.target.value });
              }}
            />
          </label>
        ))}
        {field('timeZone', 'Time zone of its times')}
        <label className="filter">
          <span>How it writes days</span>
          <select
            value={told['dates']}
            onChange={(event) => {
              setTold({ ...told, dates: event.target.value });
            }}
          >
            <option value="ymd">2026-01-31</option>
            <option value="dmy">31/01/2026</option>
            <option value="mdy">01/31/2026</option>
          </select>
        </label>
        <p>How far the two may be apart:</p>
        {field('time', 'Times, seconds', 'number')}
        {field('duration', 'Durations, seconds', 'number')}
        {field('price', 'Prices')}
        {field('digits', 'Last digits of numbers that count; 0: all', 'number')}
        {field('theirPrefix', 'What their called numbers begin with beside the number')}
        <ProblemBox error={comparison.error} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={comparison.isPending}>
            Compare
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function requestOf(
  file: File,
  told: Readonly<Record<string, string>>,
  columns: Readonly<Record<string, string>>,
) {
  const text = (name: keyof typeof texts): string => told[name] ?? '';
  const ms = (name: 'time' | 'duration'): number => Math.round(Number(text(name)) * 1000);
  const given = Object.entries(columns).filter(([, column]) => column !== '');
  return {
    account: text('account'),
    from: new Date(`${text('from')}Z`).toISOString(),
    until: new Date(`${text('until')}Z`).toISOString(),
    file: file.name,
    tolerances: {
      timeMs: ms('time'),
      durationMs: ms('duration'),
      price: text('price'),
      digits: Number(text('digits')),
      theirPrefix: text('theirPrefix'),
      ourPrefix: '',
      callers: false,
      unanswered: false,
      startTimes: false,
    },
    mapping: {
      columns: Object.fromEntries(given),
      timeZone: text('timeZone'),
      dates: text('dates'),
    },
  };
}
