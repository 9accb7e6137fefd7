import { useMutation } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { signIn, signInByToken, signInOptions } from '../api/session.ts';
import { useAnswer } from '../ui/use-answer.ts';

const problems: Readonly<Record<string, string>> = {
  'link-expired': 'This sign-in link was used, or is too old: ask for another one.',
  'openid-failed': 'The sign-in at the other server did not succeed.',
  'openid-not-allowed': 'You are known there, but have no user here.',
};

/** The door. */
export function SignInPage(): ReactElement {
  const options = useAnswer(['sign-in'], signInOptions);
  const told = new URLSearchParams(location.search).get('problem');
  const { data } = options;
  return (
    <main className="door">
      <h1>
        <img src="/icon.svg" alt="" width="32" height="32" /> Tandem
      </h1>
      {told === null ? null : (
        <p role="alert" className="problem">
          {problems[told] ?? 'The sign-in did not succeed.'}
        </p>
      )}
      {options.error === null ? null : (
        <p role="alert" className="problem">
          The server cannot be reached.
        </p>
      )}
      {data?.password === true ? <PasswordForm /> : null}
      {data?.openId === undefined ? null : (
        <a
          className="button"
          href={`${data.openId.startUrl}?returnTo=${encodeURIComponent(location.pathname)}`}
        >
          Sign in with {data.openId.title}
        </a>
      )}
      {data === undefined ? null : <TokenForm isAlone={!data.password} />}
    </main>
  );
}

function PasswordForm(): ReactElement {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const entry = useMutation({ mutationFn: async () => signIn(name, password) });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        entry.mutate();
      }}
    >
      <label className="filter">
        <span>Name</span>
        <input
          value={name}
          autoComplete="username"
          required
          onChange={(event) => {
            setName(event.target.value);
          }}
        />
      </label>
      <label className="filter">
        <span>Password</span>
        <input
          type="password"
          value={password}
          autoComplete="current-password"
          required
          onChange={(event) => {
            setPassword(event.target.value);
          }}
        />
      </label>
      <Refused error={entry.error} />
      <button type="submit" className="button primary" disabled={entry.isPending}>
        Sign in
      </button>
    </form>
  );
}

function TokenForm({ isAlone }: { readonly isAlone: boolean }): ReactElement {
  const [token, setToken] = useState('');
  const entry = useMutation({ mutationFn: async () => signInByToken(token.trim()) });
  const form = (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        entry.mutate();
      }}
    >
      <label className="filter">
        <span>API token</span>
        <input
          type="password"
          value={token}
          autoComplete="off"
          required
          onChange={(event) => {
            setToken(event.target.value);
          }}
        />
      </label>
      <p className="note">
        The text of api-token in the folder of the server’s data. It is kept until this page is
        closed.
      </p>
      <Refused error={entry.error} />
      <button type="submit" className="button primary" disabled={entry.isPending}>
        Sign in
      </button>
    </form>
  );
  if (isAlone) return form;
  return (
    <details>
      <summary>With an API token</summary>
      {form}
    </details>
  );
}

function Refused({ error }: { readonly error: unknown }): ReactElement | null {
  if (!(error instanceof Error)) return null;
  return (
    <p role="alert" className="problem">
      {error.message}
    </p>
  );
}
