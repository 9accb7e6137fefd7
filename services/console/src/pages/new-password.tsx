import { useMutation } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { changePassword, signOut } from '../api/session.ts';

/** Where a password was given by somebody else, another one is chosen before anything is done. */
export function NewPasswordPage(): ReactElement {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({ mutationFn: async () => changePassword(current, next) });
  return (
    <main className="door">
      <h1>Choose a password</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <label className="filter">
          <span>The password you have</span>
          <input
            type="password"
            value={current}
            autoComplete="current-password"
            required
            onChange={(event) => {
              setCurrent(event.target.value);
            }}
          />
        </label>
        <label className="filter">
          <span>The new one</span>
          <input
            type="password"
            value={next}
            autoComplete="new-password"
            required
            onChange={(event) => {
              setNext(event.target.value);
            }}
          />
        </label>
        {change.error === null ? null : (
          <p role="alert" className="problem">
            {change.error.message}
          </p>
        )}
        <button type="submit" className="button primary" disabled={change.isPending}>
          Change it
        </button>
      </form>
      <button
        type="button"
        className="button quiet"
        onClick={() => {
          void signOut();
        }}
      >
        Sign out
      </button>
    </main>
  );
}
