import type { SwitchApi } from '../switch-api.ts';
import { until } from '../until.ts';
import type { ConsoleSubjects } from './console-pages.ts';

const HOUR_MS = 3_600_000;

interface Made<Id> {
  readonly id: Id;
  readonly state: string;
}

/** Makes one of each thing that has a page of its own, of the one call there is. */
export async function makeConsoleSubjects(
  api: SwitchApi,
  gateway: string,
): Promise<ConsoleSubjects> {
  const [cdr] = await api.cdrCount(1);
  const trace = (await api.post('/api/v1/traces', { phone: '1001' })) as Made<string>;
  const [from, to] = [-HOUR_MS, HOUR_MS].map((each) => new Date(Date.now() + each).toISOString());
  const period = { from, until: to };
  const rerating = (await api.post('/api/v1/reratings', {
    ...period,
    accounts: ['demo', 'wholesale'],
    note: 'a price that was wrong',
    version: 1,
  })) as Made<number>;
  const dispute = (await api.post('/api/v1/disputes', {
    ...period,
    account: 'demo',
    file: 'demo.csv',
    mapping: { columns: { callee: 'Called', at: 'Time', seconds: 'Duration' } },
  })) as Made<number>;
  const invoice = (await api.post('/api/v1/invoices', {
    account: 'demo',
    from,
    until: new Date().toISOString(),
  })) as Made<number>;
  const document = (await api.get('/api/v1/configuration')) as object;
  const replay = (await api.post('/api/v1/replays?from=1h', document)) as Made<string>;
  await ended(`reratings/${String(rerating.id)}`);
  await ended(`replays/${replay.id}`);
  return {
    gateway,
    callId: cdr?.callId ?? '',
    traceId: trace.id,
    reratingId: rerating.id,
    disputeId: dispute.id,
    invoiceId: invoice.id,
    replayId: replay.id,
  };

  async function ended(path: string): Promise<void> {
    await until(
      `${path} has ended`,
      async () =>
        !/ing$|^queued$/.test(((await api.get(`/api/v1/${path}`)) as Made<unknown>).state),
      { timeoutMs: 60_000 },
    );
  }
}
