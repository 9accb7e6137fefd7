import type { ReactElement } from 'react';
import { apiDescription, type Operation } from '../api/api-description.ts';
import { roles } from '../core/roles.ts';
import { DataTable, type Column } from './data-table.tsx';
import { useAnswer } from './use-answer.ts';

/** Each operation of the API, with who may do it: as the server itself says. */
export function RoleTable(): ReactElement {
  const found = useAnswer(['api-description'], apiDescription);
  const operations = Object.values(found.data?.paths ?? {})
    .flatMap((each) => Object.values(each))
    .filter(({ operationId }) => operationId !== undefined);
  return (
    <DataTable
      name="Roles"
      columns={columns}
      rows={found.data === undefined ? undefined : operations}
      keyOf={({ operationId = '' }) => operationId}
      error={found.error}
      empty="Nothing is described."
    />
  );
}

const columns: readonly Column<Operation>[] = [
  {
    id: 'tag',
    header: 'Part',
    cell: ({ tags = [] }) => tags.join(', '),
    sortBy: ({ tags = [] }) => tags.join(),
  },
  {
    id: 'summary',
    header: 'What',
    cell: ({ summary }) => summary ?? '',
    sortBy: ({ summary }) => summary ?? '',
  },
  ...roles.map((role) => ({
    id: role,
    header: role,
    cell: (operation: Operation) => (mayDo(operation, role) ? 'yes' : ''),
    sortBy: (operation: Operation) => (mayDo(operation, role) ? 0 : 1),
  })),
];

function mayDo({ 'x-roles': allowed = [] }: Operation, role: string): boolean {
  return allowed.some((each) => each === role || each === 'signed-in' || each === 'public');
}
