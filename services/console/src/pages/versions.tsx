import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, usePaging } from '../ui/pager.tsx';
import { RollbackDialog } from '../ui/rollback-dialog.tsx';
import { RowMenu } from '../ui/row-menu.tsx';
import { Time } from '../ui/time.tsx';
import { useAnswer } from '../ui/use-answer.ts';

type Version = Schemas['Version'];

const LIMIT = 50;

/** Every configuration that was in effect. */
export function VersionsPage(): ReactElement {
  const paging = usePaging('');
  const query = {
    limit: LIMIT,
    ...(paging.cursor === '' ? {} : { before: Number(paging.cursor) }),
  };
  const list = useAnswer(['versions', query], () =>
    answerOf(api.GET('/api/v1/configuration/versions', { params: { query } })),
  );
  const [back, setBack] = useState<number>();
  const may = useMay('rollBackConfiguration');
  const rows = list.data?.versions;
  const last = rows?.at(-1)?.version;
  const next = rows?.length === LIMIT && last !== undefined && last > 1 ? String(last) : null;
  return (
    <Page
      title="Versions"
      lead="Every configuration that was in effect, newest first. The first of them is in effect now."
    >
      <DataTable
        name="Versions"
        columns={columns}
        rows={rows}
        keyOf={({ version }) => String(version)}
        error={list.error}
        empty="Nothing was applied yet."
        menu={({ version }) => (
          <RowMenu
            label={`Actions for version ${String(version)}`}
            lines={[
              { label: 'What it changed', href: `/versions/${String(version)}` },
              ...(may
                ? [
                    {
                      label: 'Roll back to it …',
                      run: () => {
                        setBack(version);
                      },
                    },
                  ]
                : []),
            ]}
          />
        )}
        tools={<Pager paging={paging} next={next} />}
      />
      {back === undefined ? null : (
        <RollbackDialog
          version={back}
          onClose={() => {
            setBack(undefined);
          }}
        />
      )}
    </Page>
  );
}

const columns: readonly Column<Version>[] = [
  {
    id: 'version',
    header: 'Version',
    cell: ({ version }) => <Link href={`/versions/${String(version)}`}>{version}</Link>,
  },
  { id: 'at', header: 'Applied', cell: ({ appliedAt }) => <Time at={appliedAt} /> },
  { id: 'by', header: 'By', cell: ({ appliedBy }) => appliedBy },
  { id: 'note', header: 'Note', cell: ({ note }) => note },
];
