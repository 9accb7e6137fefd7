import { useMutation } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useMay } from '../api/session.ts';
import { count } from '../core/format.ts';
import { Badge } from '../ui/badge.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Page, Section } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { Tile, Tiles } from '../ui/tiles.tsx';
import { Time } from '../ui/time.tsx';
import { useAnswer } from '../ui/use-answer.ts';
import { rowsOf, useLive } from '../ui/use-live.ts';

type Pod = Schemas['Pod'];
type Reconciliation = Schemas['Reconciliation'];

/** The pods of the edge, and whether what was written adds up. */
export function PodsPage(): ReactElement {
  const live = useLive('pods,status');
  const data = rowsOf(live, 'status')?.[0];
  return (
    <Page title="Pods" lead="Who takes calls, and how they are.">
      <ProblemBox error={live.error} />
      {data === undefined ? null : (
        <Tiles>
          <Tile label="Calls up" value={count(data.calls)} href="/calls" />
          <Tile label="Events to be written" value={count(data.outbox)} />
          <Tile label="Taken over" hint={`by ${data.edge}`} value={count(data.adoptions)} />
          <Tile label="Lost to others" value={count(data.lostCalls)} />
          <Tile label="Dropped messages" value={count(data.dropped)} />
          <Tile label="Connections" value={count(data.connections)} />
        </Tiles>
      )}
      <DataTable
        name="Pods"
        columns={columns}
        rows={rowsOf(live, 'pods')}
        keyOf={({ name, slot }) => `${name} ${String(slot)}`}
        empty="No pod lives."
      />
      <NetworkTest />
      <Reconciliations />
    </Page>
  );
}

const columns: readonly Column<Pod>[] = [
  {
    id: 'name',
    header: 'Pod',
    cell: ({ name, isDraining, isShedding }) => (
      <>
        {name} {isDraining ? <Badge tone="warn">draining</Badge> : null}
        {isShedding ? <Badge tone="bad">shedding</Badge> : null}
      </>
    ),
    sortBy: ({ name }) => name,
  },
  { id: 'role', header: 'Role', cell: ({ role }) => role },
  { id: 'advertised', header: 'Address', cell: ({ advertised }) => advertised },
  { id: 'since', header: 'Since', cell: ({ startedAt }) => <Time at={startedAt} /> },
  {
    id: 'pending',
    header: 'Setting up',
    cell: ({ pendingCalls }) => count(pendingCalls),
    sortBy: ({ pendingCalls }) => pendingCalls,
    isNumber: true,
  },
  {
    id: 'calls',
    header: 'Calls',
    cell: ({ calls }) => count(calls),
    sortBy: ({ calls }) => calls,
    isNumber: true,
  },
  {
    id: 'answers',
    header: 'Answered',
    cell: ({ answers }) => count(answers),
    sortBy: ({ answers }) => answers,
    isNumber: true,
  },
  {
    id: 'adoptions',
    header: 'Taken over',
    cell: ({ adoptions }) => count(adoptions),
    sortBy: ({ adoptions }) => adoptions,
    isNumber: true,
  },
  {
    id: 'refused',
    header: 'Refused',
    cell: ({ refused }) => count(refused),
    sortBy: ({ refused }) => refused,
    isNumber: true,
  },
  { id: 'source', header: 'Network', cell: ({ source }) => source, isExtra: true },
];

function NetworkTest(): ReactElement | null {
  const may = useMay('testNetwork');
  const test = useMutation({ mutationFn: async () => answerOf(api.POST('/api/v1/network-tests')) });
  if (!may) return null;
  return (
    <Section
      title="Network test"
      note="are sources preserved, does the address lead here"
      actions={
        <button
          type="button"
          className="button"
          disabled={test.isPending}
          onClick={() => {
            test.mutate();
          }}
        >
          {test.isPending ? 'Testing …' : 'Test now'}
        </button>
      }
    >
      <ProblemBox error={test.error} />
      {test.data === undefined ? null : (
        <div role="status">
          <p className="note">by {test.data.edge}</p>
          <ul>
            {test.data.findings.map(({ transport, target, text }) => (
              <li key={`${transport} ${target}`}>
                {transport} {target}: {text}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Section>
  );
}

function Reconciliations(): ReactElement {
  const list = useAnswer(['reconciliations'], () => answerOf(api.GET('/api/v1/reconciliations')));
  return (
    <Section title="Reconciliation" note="events, CDRs and ledger, day by day">
      <DataTable
        name="Reconciliation"
        columns={reconciliationColumns}
        rows={list.data?.reconciliations}
        keyOf={({ day }) => day}
        error={list.error}
        empty="The first day has not been compared yet."
      />
    </Section>
  );
}

const reconciliationColumns: readonly Column<Reconciliation>[] = [
  { id: 'day', header: 'Day', cell: ({ day }) => day },
  { id: 'cdrs', header: 'CDRs', cell: ({ cdrs }) => count(cdrs), isNumber: true },
  { id: 'answered', header: 'Answered', cell: ({ answered }) => count(answered), isNumber: true },
  { id: 'open', header: 'Without an end', cell: ({ open }) => count(open), isNumber: true },
  {
    id: 'differences',
    header: 'Differences',
    cell: ({ differences }) =>
      differences.length === 0 ? (
        <Badge tone="good">none</Badge>
      ) : (
        <ul>
          {differences.map(({ kind, subject, expected, found }) => (
            <li key={`${kind} ${subject}`}>
              {kind} {subject}: {expected} expected, {found} found
            </li>
          ))}
        </ul>
      ),
  },
];
