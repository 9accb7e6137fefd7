import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { answerOf, api, request, type Schemas } from '../api/client.ts';
import { isSame } from '../core/changes.ts';
import { roleNamed, roles } from '../core/roles.ts';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';
import { ProblemBox } from './problem-box.tsx';
import { Time } from './time.tsx';
import { tell } from './tell.ts';
import { useAnswer } from './use-answer.ts';

type User = Schemas['User'];

/** What is to be done with a user. */
export type UserTask =
  { readonly kind: 'add' } | { readonly kind: 'change' | 'link' | 'remove'; readonly name: string };

interface UserDialogProps {
  readonly task: UserTask;
  readonly onClose: () => void;
}

/** The dialog for it. */
export function UserDialogs({ task, onClose }: UserDialogProps): ReactElement {
  switch (task.kind) {
    case 'add':
      return <UserDialog stored={undefined} onClose={onClose} />;
    case 'change':
      return <ChangeDialog name={task.name} onClose={onClose} />;
    case 'link':
      return <LinkDialog name={task.name} onClose={onClose} />;
    case 'remove':
      return <RemoveDialog name={task.name} onClose={onClose} />;
  }
}

interface NamedProps {
  readonly name: string;
  readonly onClose: () => void;
}

interface Stored {
  readonly user: User;
  readonly tag: string;
}

function ChangeDialog({ name, onClose }: NamedProps): ReactElement {
  const found = useAnswer(['user', name], () => readUser(name));
  if (found.data === undefined) {
    return (
      <Dialog title={name} isOpen onClose={onClose}>
        <ProblemBox error={found.error} />
      </Dialog>
    );
  }
  return <UserDialog stored={found.data} onClose={onClose} />;
}

async function readUser(name: string): Promise<Stored> {
  const answer = await request(`/users/${encodeURIComponent(name)}`);
  return { user: (await answer.json()) as User, tag: answer.headers.get('etag') ?? '' };
}

const nobody = {
  displayName: '',
  role: 'operator',
  email: '',
  isDisabled: false,
  mustChangePassword: true,
  openIdSubject: null,
} as const satisfies Partial<User>;

type Draft = Pick<User, keyof typeof nobody>;

function UserDialog({
  stored,
  onClose,
}: {
  readonly stored: Stored | undefined;
  readonly onClose: () => void;
}): ReactElement {
  const queries = useQueryClient();
  // What was there when one began: who was quicker is told by the tag.
  const [begun] = useState(stored);
  const before: Draft = begun === undefined ? nobody : draftOf(begun.user);
  const [name, setName] = useState('');
  const [draft, setDraft] = useState(before);
  const [password, setPassword] = useState('');
  const set = (part: Partial<Draft>): void => {
    setDraft((now) => ({ ...now, ...part }));
  };
  const storing = useMutation({
    mutationFn: async () => {
      const secret = password === '' ? {} : { password };
      if (begun === undefined) {
        const { displayName, email, mustChangePassword, openIdSubject, role } = draft;
        const given = { displayName, email, mustChangePassword, openIdSubject, role };
        return answerOf(api.POST('/api/v1/users', { body: { name, ...given, ...secret } }));
      }
      const body = { ...changesOf(before, draft), ...secret };
      const path = `/users/${encodeURIComponent(begun.user.name)}`;
      const headers = { 'if-match': begun.tag };
      const answer = await request(path, { method: 'PATCH', body, headers });
      return (await answer.json()) as User;
    },
    onSuccess: async (user) => {
      tell(begun === undefined ? `${user.name} was added` : `${user.name} was changed`);
      onClose();
      await queries.invalidateQueries({ queryKey: ['users'] });
      await queries.invalidateQueries({ queryKey: ['user', user.name] });
    },
  });
  return (
    <Dialog title={begun === undefined ? 'Add a user' : begun.user.name} isOpen onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          storing.mutate();
        }}
      >
        {begun === undefined ? (
          <Field label="Name" hint="By which one signs in: small letters, digits, . - _ @">
            <input
              value={name}
              required
              maxLength={64}
              autoComplete="off"
              onChange={(event) => {
                setName(event.target.value);
              }}
            />
          </Field>
        ) : null}
        <Field label="Called">
          <input
            value={draft.displayName}
            maxLength={100}
            autoComplete="off"
            onChange={(event) => {
              set({ displayName: event.target.value });
            }}
          />
        </Field>
        <Field label="Role">
          <select
            value={draft.role}
            onChange={(event) => {
              set({ role: roleNamed(event.target.value) });
            }}
          >
            {roles.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </Field>
        <Field label="E-mail">
          <input
            type="email"
            value={draft.email}
            maxLength={254}
            autoComplete="off"
            onChange={(event) => {
              set({ email: event.target.value });
            }}
          />
        </Field>
        <Field
          label="Password"
          hint={
            begun === undefined
              ? 'Empty: signs in by a link or OpenID Connect.'
              : 'Empty: stays as it is. A new one ends the sessions of the user.'
          }
        >
          <input
            type="password"
            value={password}
            autoComplete="new-password"
            onChange={(event) => {
              setPassword(event.target.value);
            }}
          />
        </Field>
        <label className="check">
          <input
            type="checkbox"
            checked={draft.mustChangePassword}
            onChange={(event) => {
              set({ mustChangePassword: event.target.checked });
            }}
          />
          chooses another password at the next sign-in
        </label>
        <Field label="OpenID subject" hint="The “sub” of the provider. Empty: none.">
          <input
            value={draft.openIdSubject ?? ''}
            maxLength={255}
            autoComplete="off"
            onChange={(event) => {
              set({ openIdSubject: event.target.value === '' ? null : event.target.value });
            }}
          />
        </Field>
        {begun === undefined ? null : (
          <label className="check">
            <input
              type="checkbox"
              checked={draft.isDisabled}
              onChange={(event) => {
                set({ isDisabled: event.target.checked });
              }}
            />
            disabled: may not sign in
          </label>
        )}
        <ProblemBox error={storing.error} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={storing.isPending}>
            {begun === undefined ? 'Add' : 'Change'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function draftOf(user: User): Draft {
  const { displayName, email, isDisabled, mustChangePassword, openIdSubject, role } = user;
  return { displayName, email, isDisabled, mustChangePassword, openIdSubject, role };
}

/** What was touched alone is sent. */
function changesOf(before: Draft, after: Draft): Partial<Draft> {
  const changed = Object.entries(after).filter(
    ([name, value]) => !isSame(value, before[name as keyof Draft]),
  );
  return Object.fromEntries(changed);
}

function LinkDialog({ name, onClose }: NamedProps): ReactElement {
  const link = useMutation({
    mutationFn: async () =>
      answerOf(api.POST('/api/v1/users/{name}/sign-in-link', { params: { path: { name } } })),
  });
  return (
    <Dialog title={`A link for ${name}`} isOpen onClose={onClose}>
      <p>It signs in once, within 15 minutes. Whoever has it is {name}.</p>
      <ProblemBox error={link.error} />
      {link.data === undefined ? null : (
        <div role="status">
          <code className="secret">{link.data.url}</code>
          <p className="note">
            Until <Time at={link.data.expiresAt} />; it is shown this once.
          </p>
        </div>
      )}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
        {link.data === undefined ? (
          <button
            type="button"
            className="button primary"
            disabled={link.isPending}
            onClick={() => {
              link.mutate();
            }}
          >
            Make the link
          </button>
        ) : null}
      </div>
    </Dialog>
  );
}

function RemoveDialog({ name, onClose }: NamedProps): ReactElement {
  const queries = useQueryClient();
  const removal = useMutation({
    mutationFn: async () =>
      answerOf(api.DELETE('/api/v1/users/{name}', { params: { path: { name } } })),
    onSuccess: async () => {
      tell(`${name} was removed`);
      onClose();
      await queries.invalidateQueries({ queryKey: ['users'] });
    },
  });
  return (
    <Dialog title={`Remove ${name}?`} isOpen onClose={onClose}>
      <p>Sessions and tokens of the user end at once. What was done stays in the audit log.</p>
      <ProblemBox error={removal.error} />
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          Keep
        </button>
        <button
          type="button"
          className="button danger"
          disabled={removal.isPending}
          onClick={() => {
            removal.mutate();
          }}
        >
          Remove
        </button>
      </div>
    </Dialog>
  );
}
