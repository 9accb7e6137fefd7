import { useMutation } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useLocation } from 'wouter';
import { answerOf, api } from '../api/client.ts';
import { Dialog } from './dialog.tsx';
import { ProblemBox } from './problem-box.tsx';

const empty = { accounts: '', from: '', until: '', version: '', rates: '', note: '' };
type Told = Readonly<Record<keyof typeof empty, string>>;

/** Asks which calls are rated once more, and by which rates. */
export function RerateDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const [, go] = useLocation();
  const [told, setTold] = useState<Told>(empty);
  const begin = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/reratings', { body: requestOf(told) })),
    onSuccess: ({ id }) => {
      onClose();
      go(`/reratings/${String(id)}`);
    },
  });
  const field = (name: keyof Told, label: string, { isRequired = false, type = 'text' } = {}): ReactElement => (
    <label className="filter" key={name}>
      <span>{label}</span>
      <input
        type={type}
        value={told[name]}
        required={isRequired}
        onChange={(event) => {
          setTold({ ...told, [name]: event.target.value });
        }}
      />
    </label>
  ); // prettier-ignore
  return (
    <Dialog title="Rate calls once more" isOpen isWide onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          begin.mutate();
        }}
      >
        {field('accounts', 'Customers, resellers and vendors, with commas', { isRequired: true })}
        {field('from', 'Calls from (UTC)', { isRequired: true, type: 'datetime-local' })}
        {field('until', 'Before (UTC)', { isRequired: true, type: 'datetime-local' })}
        {field('version', 'Version of the configuration; empty: that in effect')}
        {field('rates', 'Imports of rates not applied yet, GROUP:ID with commas')}
        {field('note', 'Note')}
        <p>Nothing is booked before you have seen the difference and apply it.</p>
        <ProblemBox error={begin.error} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={begin.isPending}>
            Preview
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function requestOf({ accounts, from, note, rates, until, version }: Told) {
  return {
    accounts: listed(accounts),
    from: new Date(`${from}Z`).toISOString(),
    until: new Date(`${until}Z`).toISOString(),
    note,
    rates: listed(rates).map((each) => {
      const at = each.lastIndexOf(':');
      return { group: each.slice(0, Math.max(0, at)), id: each.slice(at + 1) };
    }),
    ...(version === '' ? {} : { version: Number(version) }),
  };
}

function listed(text: string): string[] {
  return text.split(',').map((each) => each.trim()).filter((each) => each !== ''); // prettier-ignore
}
