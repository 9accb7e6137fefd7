import type { ReactElement } from 'react';
import { answerOf, api } from '../api/client.ts';
import { CsvLink } from '../ui/csv-link.tsx';
import { ChoiceFilter, Filters, RangeFilter, TextFilters } from '../ui/filters.tsx';
import { JournalList } from '../ui/journal-list.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, usePaging } from '../ui/pager.tsx';
import { useAnswer } from '../ui/use-answer.ts';
import { asked, useFilters } from '../ui/use-filters.ts';

const kinds = ['registration', 'registration-end', 'request', 'gateway', 'part'] as const;
const outcomes = ['accepted', 'refused', 'ended'] as const;

/** What happened besides calls. */
export function JournalPage(): ReactElement {
  const [filters, change] = useFilters([
    'from',
    'until',
    'kind',
    'outcome',
    'cause',
    'terminal',
    'account',
    'source',
    'caller',
    'callee',
    'callId',
  ]);
  const set = asked(filters);
  const paging = usePaging(JSON.stringify(set));
  const query = {
    ...set,
    kind: kinds.find((each) => each === filters.kind),
    outcome: outcomes.find((each) => each === filters.outcome),
    cursor: paging.cursor,
  };
  const journal = useAnswer(['journal', set, paging.cursor], () =>
    answerOf(api.GET('/api/v1/journal', { params: { query } })),
  );
  return (
    <Page
      title="Journal"
      lead="What happened besides calls: registrations, refused requests, gateways. Newest first."
    >
      <Filters label="Filter the journal">
        <RangeFilter from={filters.from} until={filters.until} onChange={change} />
        <ChoiceFilter
          label="Kind"
          value={filters.kind}
          choices={[['', 'all'], ...kinds.map((k) => [k, k] as const)]}
          onChange={(kind) => {
            change({ kind });
          }}
        />
        <ChoiceFilter
          label="Outcome"
          value={filters.outcome}
          choices={[['', 'all'], ...outcomes.map((k) => [k, k] as const)]}
          onChange={(outcome) => {
            change({ outcome });
          }}
        />
        <TextFilters
          fields={[
            ['terminal', 'Terminal'],
            ['source', 'Source'],
            ['cause', 'Cause'],
            ['account', 'Account'],
            ['caller', 'Caller'],
            ['callee', 'Callee'],
            ['callId', 'Call-ID'],
          ]}
          values={filters}
          onChange={change}
        />
      </Filters>
      <div className="table-tools page-tools">
        <CsvLink path="/journal" query={set} name="journal" />
        <Pager paging={paging} next={journal.data?.nextCursor} />
      </div>
      <JournalList entries={journal.data?.entries} error={journal.error} />
    </Page>
  );
}
