import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { Badge } from '../ui/badge.tsx';
import { CsvLink } from '../ui/csv-link.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { ChoiceFilter, Filters, TextFilter } from '../ui/filters.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, usePaging } from '../ui/pager.tsx';
import { RowMenu, type MenuLine } from '../ui/row-menu.tsx';
import { Time } from '../ui/time.tsx';
import { tell, tellProblem } from '../ui/tell.ts';
import { useAnswer } from '../ui/use-answer.ts';
import { useFilters } from '../ui/use-filters.ts';
import { roles } from '../core/roles.ts';
import type { UserTask } from '../ui/user-dialogs.tsx';

const UserDialogs = lazy(async () => ({
  default: (await import('../ui/user-dialogs.tsx')).UserDialogs,
}));
const RoleTable = lazy(async () => ({
  default: (await import('../ui/role-table.tsx')).RoleTable,
}));

type User = Schemas['User'];

/** Who may operate the switch, and as what. */
export function UsersPage(): ReactElement {
  const [filters, change] = useFilters(['search', 'role']);
  const paging = usePaging(`${filters.search} ${filters.role}`);
  const role = roles.find((each) => each === filters.role);
  const query = {
    search: filters.search,
    cursor: paging.cursor,
    ...(role === undefined ? {} : { role }),
  };
  const users = useAnswer(['users', query], () =>
    answerOf(api.GET('/api/v1/users', { params: { query } })),
  );
  const mayAdd = useMay('createUser');
  const [task, setTask] = useState<UserTask>();
  const unlock = useUnlock();
  return (
    <Page
      title="Users"
      lead="Who may operate the switch, and as what."
      actions={
        mayAdd ? (
          <button
            type="button"
            className="button primary"
            onClick={() => {
              setTask({ kind: 'add' });
            }}
          >
            Add a user
          </button>
        ) : undefined
      }
    >
      <Filters label="Filter users">
        <TextFilter
          label="Search"
          value={filters.search}
          onChange={(search) => {
            change({ search });
          }}
        />
        <ChoiceFilter
          label="Role"
          value={filters.role}
          choices={[['', 'all'], ...roles.map((each) => [each, each] as const)]}
          onChange={(value) => {
            change({ role: value });
          }}
        />
      </Filters>
      <DataTable
        name="Users"
        columns={columns}
        rows={users.data?.users}
        keyOf={({ name }) => name}
        error={users.error}
        empty="No user fits. Until there is one, the text of api-token in the folder of the data lets in."
        menu={(user) => (
          <RowMenu label={`Actions for ${user.name}`} lines={linesOf(user, setTask, unlock)} />
        )}
        tools={
          <>
            <CsvLink path="/users" query={{ ...filters }} name="users" />
            <Pager paging={paging} next={users.data?.nextCursor} total={users.data?.total} />
          </>
        }
      />
      <details className="group">
        <summary>What each role may</summary>
        <Suspense fallback={<p className="empty">Loading …</p>}>
          <RoleTable />
        </Suspense>
      </details>
      {task === undefined ? null : (
        <Suspense fallback={null}>
          <UserDialogs
            task={task}
            onClose={() => {
              setTask(undefined);
            }}
          />
        </Suspense>
      )}
    </Page>
  );
}

function linesOf(
  user: User,
  setTask: (task: UserTask) => void,
  unlock: (name: string) => void,
): readonly MenuLine[] {
  const of = encodeURIComponent(user.name);
  return [
    {
      label: 'Change …',
      run: () => {
        setTask({ kind: 'change', name: user.name });
      },
    },
    {
      label: 'Sign-in link …',
      run: () => {
        setTask({ kind: 'link', name: user.name });
      },
    },
    ...(user.lockedUntil === null
      ? []
      : [
          {
            label: 'Unlock',
            run: () => {
              unlock(user.name);
            },
          },
        ]),
    { label: 'Sessions and tokens', href: `/access?user=${of}` },
    { label: 'What was done', href: `/audit?user=${of}` },
    {
      label: 'Remove …',
      isDangerous: true,
      run: () => {
        setTask({ kind: 'remove', name: user.name });
      },
    },
  ];
}

function useUnlock(): (name: string) => void {
  const queries = useQueryClient();
  const unlock = useMutation({
    mutationFn: async (name: string) =>
      answerOf(api.POST('/api/v1/users/{name}/unlock', { params: { path: { name } } })),
    onSuccess: async ({ name }) => {
      tell(`${name} may sign in again`);
      await queries.invalidateQueries({ queryKey: ['users'] });
    },
    onError: (error) => {
      tellProblem('The user was not unlocked', error);
    },
  });
  return unlock.mutate;
}

const columns: readonly Column<User>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => name },
  { id: 'displayName', header: 'Called', cell: ({ displayName }) => displayName },
  { id: 'role', header: 'Role', cell: ({ role }) => <Badge tone="quiet">{role}</Badge> },
  { id: 'state', header: 'State', cell: stateOf },
  {
    id: 'signsIn',
    header: 'Signs in by',
    cell: ({ hasPassword, openIdSubject }) =>
      [hasPassword ? 'password' : '', openIdSubject === null ? '' : 'OpenID Connect']
        .filter(Boolean)
        .join(', ') || 'link',
  },
  { id: 'lastSignIn', header: 'Last sign-in', cell: ({ lastSignIn }) => <Time at={lastSignIn} /> },
  { id: 'email', header: 'E-mail', cell: ({ email }) => email, isExtra: true },
  {
    id: 'created',
    header: 'Added',
    cell: ({ createdAt }) => <Time at={createdAt} />,
    isExtra: true,
  },
  {
    id: 'audit',
    header: 'Changes',
    cell: ({ name }) => <Link href={`/audit?user=${encodeURIComponent(name)}`}>audit log</Link>,
    isExtra: true,
  },
];

function stateOf({ isDisabled, lockedUntil, mustChangePassword }: User): ReactElement {
  if (isDisabled) return <Badge tone="bad">disabled</Badge>;
  if (lockedUntil !== null) {
    return (
      <>
        <Badge tone="warn">locked</Badge> until <Time at={lockedUntil} />
      </>
    );
  }
  return <Badge tone="good">{mustChangePassword ? 'new password due' : 'active'}</Badge>;
}
