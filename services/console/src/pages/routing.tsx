import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { Badge, Code } from '../ui/badge.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { Page, Section } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { Steps } from '../ui/steps.tsx';
import { useAnswer } from '../ui/use-answer.ts';
import { useFilters } from '../ui/use-filters.ts';
import { Words } from '../ui/words.tsx';

/** Where a call would go, and why each gateway was taken or left; nothing is called. */
export function RoutingPage(): ReactElement {
  const [filters, change] = useFilters(['callee', 'from', 'caller', 'at']);
  const { callee, from, caller, at } = filters;
  const isAsked = callee !== '' && from !== '';
  const query = {
    callee,
    from,
    ...(caller === '' ? {} : { caller }),
    ...(at === '' ? {} : { at }),
  };
  const told = useAnswer(
    ['route', query],
    () => answerOf(api.GET('/api/v1/route', { params: { query } })),
    { isOff: !isAsked },
  );
  const origins = useOrigins();
  return (
    <Page
      title="Routing analysis"
      lead="Where a call would go now, and why each gateway was taken or left. Nothing is called."
      actions={
        <Link className="button" href="/routing/file">
          A file of numbers …
        </Link>
      }
    >
      <RoutingForm
        key={JSON.stringify(filters)}
        filters={filters}
        origins={origins}
        onAsk={change}
      />
      <ProblemBox error={isAsked ? told.error : undefined} />
      {isAsked && told.data !== undefined ? <Result told={told.data} /> : null}
      {isAsked ? null : (
        <p className="empty">
          Say whom is called, and who calls: a mapping gateway by its name, or a phone.
        </p>
      )}
    </Page>
  );
}

type Filters = Readonly<Record<'callee' | 'from' | 'caller' | 'at', string>>;

function RoutingForm({
  filters,
  origins,
  onAsk,
}: {
  readonly filters: Filters;
  readonly origins: readonly string[];
  readonly onAsk: (filters: Filters) => void;
}): ReactElement {
  const [typed, setTyped] = useState(filters);
  const field = (name: keyof Filters, label: string, hint: string): ReactElement => (
    <label className="filter">
      <span>{label}</span>
      <input
        value={typed[name]}
        placeholder={hint}
        list={name === 'from' ? 'origins' : undefined}
        autoComplete="off"
        onChange={(event) => {
          setTyped({ ...typed, [name]: event.target.value });
        }}
      />
    </label>
  );
  return (
    <form
      className="filters"
      onSubmit={(event) => {
        event.preventDefault();
        onAsk(typed);
      }}
    >
      {field('callee', 'Called number', '442079460000')}
      {field('from', 'Who calls', 'gateway or phone')}
      {field('caller', 'Caller’s number', 'not needed')}
      {field('at', 'At', 'now, or a UTC time')}
      <datalist id="origins">
        {origins.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <button type="submit" className="button primary">
        Analyse
      </button>
    </form>
  );
}

/** Some that may call, to choose from; others are typed. */
export function useOrigins(): readonly string[] {
  const { data } = useAnswer(['origins'], async () => {
    const params = { query: { limit: 50 } };
    const [gateways, phones] = await Promise.all([
      answerOf(api.GET('/api/v1/configuration/mapping-gateways', { params })),
      answerOf(api.GET('/api/v1/configuration/phones', { params })),
    ]);
    return [
      ...gateways.entries.map(({ name }) => name),
      ...phones.entries.map(({ username }) => username),
    ];
  });
  return data ?? [];
}

type Route = Schemas['RouteAnalysis'];
type Candidate = Route['candidates'][number];

function Result({ told }: { readonly told: Route }): ReactElement {
  return (
    <>
      <section className={`told ${told.outcome}`} aria-label="Result">
        <p className="told-head">
          <Badge tone={told.outcome === 'routed' ? 'good' : 'bad'}>{told.outcome}</Badge>
          {told.code === 0 ? null : <Code code={told.code} />}
          <span className="note">configuration version {told.configurationVersion}</span>
        </p>
        <p className="told-summary">
          <Words>{told.summary}</Words>
        </p>
        {told.change === null ? null : (
          <p className="told-change">
            <strong>What would change it:</strong> <Words>{told.change}</Words>
          </p>
        )}
        {told.price === null ? null : <p className="note">{told.price}</p>}
      </section>
      <Section title="Candidates" note="in the order in which they would be tried">
        <DataTable
          name="Candidates"
          columns={columns}
          rows={told.candidates}
          keyOf={({ gateway }) => gateway}
          empty="No gateway would be tried: the reasons stand below."
        />
      </Section>
      <Section title="Why" note="every gateway with what took or left it">
        <Steps steps={told.steps} />
      </Section>
    </>
  );
}

const columns: readonly Column<Candidate>[] = [
  {
    id: 'gateway',
    header: 'Gateway',
    cell: ({ gateway, isChosen }) => (
      <>
        <Link href={`/gateways/${encodeURIComponent(gateway)}`}>{gateway}</Link>{' '}
        {isChosen ? <Badge tone="good">first</Badge> : null}
      </>
    ),
  },
  { id: 'group', header: 'Group', cell: ({ group }) => group ?? '' },
  { id: 'account', header: 'Vendor', cell: ({ account }) => account ?? '' },
  { id: 'addresses', header: 'Addresses', cell: ({ addresses }) => addresses.join(', ') },
  { id: 'caller', header: 'Caller as sent', cell: ({ caller }) => caller },
  { id: 'callee', header: 'Callee as sent', cell: ({ callee }) => callee },
];
