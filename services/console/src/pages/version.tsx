import { useMemo, useState, type ReactElement } from 'react';
import { Link, useParams } from 'wouter';
import { answerOf, api } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { saveText } from '../api/download.ts';
import { differences, type Difference } from '../core/changes.ts';
import { value as shown } from '../core/format.ts';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Page, Section } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { RollbackDialog } from '../ui/rollback-dialog.tsx';
import { Time } from '../ui/time.tsx';
import { useAnswer } from '../ui/use-answer.ts';

/** One version, and what it changed of the one before. */
export function VersionPage(): ReactElement {
  const { version: text } = useParams<{ version: string }>();
  const version = Number(text);
  const ask = (of: number) => () =>
    answerOf(
      api.GET('/api/v1/configuration/versions/{version}', { params: { path: { version: of } } }),
    );
  const after = useAnswer(['version', version], ask(version));
  const before = useAnswer(['version', version - 1], ask(version - 1), { isOff: version < 2 });
  const [isBack, setBack] = useState(false);
  const may = useMay('rollBackConfiguration');
  const isReady = after.data !== undefined && (version < 2 || before.data !== undefined);
  const changes = useMemo(
    () =>
      isReady ? differences(before.data?.configuration ?? {}, after.data.configuration) : undefined,
    [isReady, before.data, after.data],
  );
  return (
    <Page
      title={`Version ${text}`}
      lead={
        after.data === undefined ? undefined : (
          <>
            <Time at={after.data.appliedAt} /> by {after.data.appliedBy} {after.data.note}
          </>
        )
      }
      actions={
        <>
          {version > 1 ? (
            <Link className="button" href={`/versions/${String(version - 1)}`}>
              ← {version - 1}
            </Link>
          ) : null}
          <Link className="button" href={`/versions/${String(version + 1)}`}>
            {version + 1} →
          </Link>
          <button
            type="button"
            className="button"
            disabled={after.data === undefined}
            onClick={() => {
              saveText(
                JSON.stringify(after.data?.configuration, null, 2),
                'application/json',
                `configuration-${text}.json`,
              );
            }}
          >
            Export
          </button>
          {may ? (
            <button
              type="button"
              className="button primary"
              onClick={() => {
                setBack(true);
              }}
            >
              Roll back to it …
            </button>
          ) : null}
        </>
      }
    >
      <ProblemBox error={after.error ?? before.error} />
      <Section
        title={version < 2 ? 'What it holds' : `What it changed of version ${String(version - 1)}`}
      >
        <DataTable
          name="Changes"
          columns={columns}
          rows={changes}
          keyOf={({ path }) => path}
          empty="Nothing that is shown; passwords are hidden."
        />
      </Section>
      {isBack ? (
        <RollbackDialog
          version={version}
          onClose={() => {
            setBack(false);
          }}
        />
      ) : null}
    </Page>
  );
}

const columns: readonly Column<Difference>[] = [
  { id: 'path', header: 'What', cell: ({ path }) => path },
  {
    id: 'before',
    header: 'Before',
    cell: ({ before }) => <span className="before">{brief(before)}</span>,
  },
  {
    id: 'after',
    header: 'After',
    cell: ({ after }) => <span className="after">{brief(after)}</span>,
  },
];

const LONG = 400;

function brief(of: unknown): string {
  const text = of === undefined ? '–' : shown(of);
  return text.length > LONG ? `${text.slice(0, LONG)} …` : text;
}
