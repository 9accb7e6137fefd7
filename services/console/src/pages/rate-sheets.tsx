import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { Link, useParams } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { download } from '../api/download.ts';
import { useMay } from '../api/session.ts';
import { count } from '../core/format.ts';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Page, Section } from '../ui/page.tsx';
import { RateImport } from '../ui/rate-import.tsx';
import { RowMenu } from '../ui/row-menu.tsx';
import { tell, tellProblem } from '../ui/tell.ts';
import { Time } from '../ui/time.tsx';
import { LIVE_MS, useAnswer } from '../ui/use-answer.ts';

type Version = Schemas['RateSheetVersion'];
type Import = Schemas['RateImport'];

/** The rates of a group as files: read, looked at, applied, brought back, written. */
export function RateSheetsPage(): ReactElement {
  const { group } = useParams<{ group: string }>();
  const path = { name: group };
  const versions = useAnswer(['rate-versions', group], () =>
    answerOf(api.GET('/api/v1/rate-groups/{name}/versions', { params: { path } })),
  );
  const imports = useAnswer(
    ['rate-imports', group],
    () => answerOf(api.GET('/api/v1/rate-groups/{name}/imports', { params: { path } })),
    { everyMs: LIVE_MS },
  );
  const mayImport = useMay('importRates');
  const rollBack = useRollBack(group);
  const mayRollBack = useMay('rollBackRates');
  return (
    <Page
      title={`Rates of ${group}`}
      lead={
        <>
          Imported as sheets, or part of the{' '}
          <Link href={`/configuration/rate-groups/${group}`}>rate group</Link>.
        </>
      }
      actions={
        <button
          type="button"
          className="button"
          onClick={() => {
            save(`/rate-groups/${encodeURIComponent(group)}/rates`, `rates-${group}.csv`);
          }}
        >
          Export
        </button>
      }
    >
      {mayImport ? (
        <Section title="Import a file" note="Nothing is in effect before it is applied.">
          <RateImport key={group} group={group} />
        </Section>
      ) : null}
      <Section title="Versions" note="The first is in effect.">
        <DataTable
          name="Versions of rates"
          columns={versionColumns}
          rows={versions.data?.versions}
          keyOf={({ version }) => String(version)}
          error={versions.error}
          empty="The rates stand in the configuration: nothing was imported."
          menu={({ version }) => (
            <RowMenu
              label={`Actions for version ${String(version)}`}
              lines={
                mayRollBack
                  ? [
                      {
                        label: 'Roll back to it',
                        run: () => {
                          rollBack.mutate(version);
                        },
                      },
                    ]
                  : []
              }
            />
          )}
        />
      </Section>
      <Section title="Imports">
        <DataTable
          name="Imports of rates"
          columns={importColumns}
          rows={imports.data?.imports}
          keyOf={({ id }) => id}
          error={imports.error}
          empty="Nothing was imported yet."
        />
      </Section>
    </Page>
  );
}

function useRollBack(group: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (version: number) =>
      answerOf(
        api.POST('/api/v1/rate-groups/{name}/versions/{version}/rollback', {
          params: { path: { name: group, version } },
        }),
      ),
    onSuccess: async ({ version }, before) => {
      tell(`Version ${String(before)} is back`, `as version ${String(version)}`);
      await queries.invalidateQueries();
    },
    onError: (error) => {
      tellProblem('The version could not be brought back', error);
    },
  });
}

function save(path: string, name: string): void {
  download(path, {}, name).catch((error: unknown) => {
    tellProblem('The file could not be saved', error);
  });
}

const versionColumns: readonly Column<Version>[] = [
  { id: 'version', header: 'Version', cell: ({ version }) => version, isNumber: true },
  { id: 'at', header: 'Applied', cell: ({ appliedAt }) => <Time at={appliedAt} /> },
  { id: 'by', header: 'By', cell: ({ appliedBy }) => appliedBy },
  { id: 'rates', header: 'Rates', cell: ({ rates }) => count(rates), isNumber: true },
  { id: 'prefixes', header: 'Prefixes', cell: ({ prefixes }) => count(prefixes), isNumber: true },
  { id: 'note', header: 'Note', cell: ({ note }) => note },
];

const importColumns: readonly Column<Import>[] = [
  { id: 'at', header: 'Begun', cell: ({ begunAt }) => <Time at={begunAt} /> },
  { id: 'by', header: 'By', cell: ({ begunBy }) => begunBy },
  { id: 'file', header: 'File', cell: ({ file }) => file },
  { id: 'state', header: 'State', cell: ({ state }) => state },
  { id: 'lines', header: 'Lines', cell: ({ lines }) => count(lines), isNumber: true },
  {
    id: 'bad',
    header: 'Bad lines',
    isNumber: true,
    cell: ({ badLines, group, id }) =>
      badLines === 0 ? (
        0
      ) : (
        <button
          type="button"
          className="button quiet"
          onClick={() => {
            save(
              `/rate-groups/${encodeURIComponent(group)}/imports/${id}/bad-lines`,
              `bad-lines-${group}.csv`,
            );
          }}
        >
          {count(badLines)}
        </button>
      ),
  },
  { id: 'note', header: 'Note', cell: ({ note }) => note },
];
