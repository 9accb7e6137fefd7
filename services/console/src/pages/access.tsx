import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { changePassword, useMay } from '../api/session.ts';
import { roleNamed, roles } from '../core/roles.ts';
import { Badge } from '../ui/badge.tsx';
import { CsvLink } from '../ui/csv-link.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Filters, TextFilter } from '../ui/filters.tsx';
import { Page, Section } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { RowMenu } from '../ui/row-menu.tsx';
import { Time } from '../ui/time.tsx';
import { tell, tellProblem } from '../ui/tell.ts';
import { SLOW_MS, useAnswer } from '../ui/use-answer.ts';
import { useFilters } from '../ui/use-filters.ts';

type Session = Schemas['SessionList']['sessions'][number];
type Token = Schemas['Token'];

/** Who is signed in from where, and the tokens by which programs come in: one's own, for administrators those of all. */
export function AccessPage(): ReactElement {
  const [{ user }, change] = useFilters(['user']);
  const isAdministrator = useMay('listUsers');
  return (
    <Page
      title="Sessions and tokens"
      lead={
        isAdministrator
          ? 'Who is signed in from where, and the tokens by which programs come in.'
          : 'Where you are signed in, and your tokens for programs.'
      }
    >
      {isAdministrator ? (
        <Filters label="Filter sessions and tokens">
          <TextFilter
            label="User"
            value={user}
            onChange={(value) => {
              change({ user: value });
            }}
          />
        </Filters>
      ) : null}
      <Sessions user={user} />
      <Tokens user={user} />
      <OwnPassword />
    </Page>
  );
}

function Sessions({ user }: { readonly user: string }): ReactElement {
  const queries = useQueryClient();
  const list = useAnswer(
    ['sessions', user],
    () => answerOf(api.GET('/api/v1/sessions', { params: { query: { user } } })),
    { everyMs: SLOW_MS },
  );
  const end = useMutation({
    mutationFn: async (id: string) =>
      answerOf(api.DELETE('/api/v1/sessions/{id}', { params: { path: { id } } })),
    onSuccess: async () => {
      tell('The session was ended');
      await queries.invalidateQueries({ queryKey: ['sessions'] });
    },
    onError: (error) => {
      tellProblem('The session was not ended', error);
    },
  });
  return (
    <Section title="Sessions">
      <DataTable
        name="Sessions"
        columns={sessionColumns}
        rows={list.data?.sessions}
        keyOf={({ id }) => id}
        error={list.error}
        empty="Nobody is signed in by a session."
        menu={(session) => (
          <RowMenu
            label={`Actions for the session of ${session.user}`}
            lines={[
              {
                label: session.isCurrent ? 'End it: signs you out' : 'End it',
                isDangerous: true,
                run: () => {
                  end.mutate(session.id);
                },
              },
            ]}
          />
        )}
        tools={<CsvLink path="/sessions" query={{ user }} name="sessions" />}
      />
    </Section>
  );
}

const sessionColumns: readonly Column<Session>[] = [
  {
    id: 'user',
    header: 'User',
    cell: ({ user, isCurrent }) => (
      <>
        {user} {isCurrent ? <Badge tone="good">this one</Badge> : null}
      </>
    ),
    sortBy: ({ user }) => user,
  },
  { id: 'address', header: 'From', cell: ({ address }) => address, sortBy: (row) => row.address },
  { id: 'method', header: 'By', cell: ({ method }) => method, sortBy: ({ method }) => method },
  {
    id: 'since',
    header: 'Since',
    cell: ({ since }) => <Time at={since} />,
    sortBy: ({ since }) => since ?? '',
  },
  {
    id: 'seen',
    header: 'Last seen',
    cell: ({ lastSeen }) => <Time at={lastSeen} />,
    sortBy: ({ lastSeen }) => lastSeen ?? '',
  },
  { id: 'until', header: 'Ends', cell: ({ expiresAt }) => <Time at={expiresAt} /> },
  { id: 'browser', header: 'Browser', cell: ({ userAgent }) => userAgent, isExtra: true },
];

function Tokens({ user }: { readonly user: string }): ReactElement {
  const queries = useQueryClient();
  const [isAdding, setAdding] = useState(false);
  const list = useAnswer(['tokens', user], () =>
    answerOf(api.GET('/api/v1/tokens', { params: { query: { user } } })),
  );
  const revoke = useMutation({
    mutationFn: async (id: string) =>
      answerOf(api.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } })),
    onSuccess: async () => {
      tell('The token was revoked');
      await queries.invalidateQueries({ queryKey: ['tokens'] });
    },
    onError: (error) => {
      tellProblem('The token was not revoked', error);
    },
  });
  return (
    <Section
      title="API tokens"
      actions={
        <button
          type="button"
          className="button"
          onClick={() => {
            setAdding(true);
          }}
        >
          Make a token
        </button>
      }
    >
      <DataTable
        name="API tokens"
        columns={tokenColumns}
        rows={list.data?.tokens}
        keyOf={({ id }) => id}
        error={list.error}
        empty="There is no token."
        menu={(token) => (
          <RowMenu
            label={`Actions for the token ${token.name}`}
            lines={[
              {
                label: 'Revoke',
                isDangerous: true,
                run: () => {
                  revoke.mutate(token.id);
                },
              },
            ]}
          />
        )}
        tools={<CsvLink path="/tokens" query={{ user }} name="tokens" />}
      />
      {isAdding ? (
        <TokenDialog
          onClose={() => {
            setAdding(false);
          }}
        />
      ) : null}
    </Section>
  );
}

const tokenColumns: readonly Column<Token>[] = [
  { id: 'name', header: 'For', cell: ({ name }) => name, sortBy: ({ name }) => name },
  { id: 'user', header: 'User', cell: ({ user }) => user, sortBy: ({ user }) => user },
  { id: 'role', header: 'Role', cell: ({ role }) => <Badge tone="quiet">{role}</Badge> },
  {
    id: 'lastUsed',
    header: 'Last used',
    cell: ({ lastUsed }) => <Time at={lastUsed} />,
    sortBy: ({ lastUsed }) => lastUsed ?? '',
  },
  {
    id: 'until',
    header: 'Good until',
    cell: ({ expiresAt }) => <Time at={expiresAt} />,
    sortBy: ({ expiresAt }) => expiresAt ?? '',
  },
  {
    id: 'created',
    header: 'Made',
    cell: ({ createdAt }) => <Time at={createdAt} />,
    isExtra: true,
  },
];

function TokenDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [days, setDays] = useState('90');
  const [role, setRole] = useState('');
  const creation = useMutation({
    mutationFn: async () =>
      answerOf(
        api.POST('/api/v1/tokens', {
          body: { name, days: Number(days), ...(role === '' ? {} : { role: roleNamed(role) }) },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['tokens'] });
    },
  });
  const { data } = creation;
  return (
    <Dialog title="Make a token" isOpen onClose={onClose}>
      {data === undefined ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            creation.mutate();
          }}
        >
          <Field label="What it is for">
            <input
              value={name}
              required
              maxLength={100}
              onChange={(event) => {
                setName(event.target.value);
              }}
            />
          </Field>
          <Field label="Good for so many days">
            <input
              type="number"
              min={1}
              max={366}
              required
              value={days}
              onChange={(event) => {
                setDays(event.target.value);
              }}
            />
          </Field>
          <Field label="Role" hint="No more than you may.">
            <select
              value={role}
              onChange={(event) => {
                setRole(event.target.value);
              }}
            >
              <option value="">yours</option>
              {roles.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </Field>
          <ProblemBox error={creation.error} />
          <div className="dialog-actions">
            <button type="button" className="button" onClick={onClose}>
              Cancel
            </button>
            <button type="submit" className="button primary" disabled={creation.isPending}>
              Make it
            </button>
          </div>
        </form>
      ) : (
        <div role="status">
          <p>What goes behind Bearer. It is shown this once, and kept nowhere:</p>
          <code className="secret">{data.secret}</code>
          <div className="dialog-actions">
            <button type="button" className="button primary" onClick={onClose}>
              I have it
            </button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

function OwnPassword(): ReactElement {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({
    mutationFn: async () => changePassword(current, next),
    onSuccess: () => {
      setCurrent('');
      setNext('');
      tell('Your password was changed');
    },
  });
  return (
    <Section title="Your password">
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <Field label="The one you have">
          <input
            type="password"
            value={current}
            autoComplete="current-password"
            onChange={(event) => {
              setCurrent(event.target.value);
            }}
          />
        </Field>
        <Field label="The new one">
          <input
            type="password"
            value={next}
            required
            autoComplete="new-password"
            onChange={(event) => {
              setNext(event.target.value);
            }}
          />
        </Field>
        <button type="submit" className="button" disabled={change.isPending}>
          Change it
        </button>
      </form>
      {change.error === null ? null : (
        <p role="alert" className="problem">
          {change.error.message}
        </p>
      )}
    </Section>
  );
}
