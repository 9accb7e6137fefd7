import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImportRequest, RateImport, RateSheets } from '../../../src/rate-ports.ts';
import { apiUnderTest, example } from '../../api-under-test.ts';

const URL = '/api/v1/rate-groups/standard';

const found: RateImport = {
  id: 'f00',
  group: 'standard',
  state: 'ready',
  mode: 'replace',
  file: 'a.csv',
  effectiveFrom: '2027-01-01T00:00:00.000Z',
  isAtOnce: false,
  effectiveUntil: undefined,
  begunAt: new Date('2026-11-21T12:00:00Z'),
  begunBy: 'api-token',
  note: '',
  bytes: 20,
  lines: 2,
  report: {
    form: { delimiter: ',', decimal: 'point', encoding: 'utf-8', headingLine: 1, columns: { prefix: ['code'] }, ignored: [] },
    fileRates: 1,
    duplicates: 0,
    badLines: 0,
    counts: { new: 1, dearer: 0, cheaper: 0, other: 0, gone: 0, same: 0 },
    examples: [{ prefix: '44', kind: 'new', from: null, after: { pricePerMinute: '1', firstIncrement: 60, nextIncrement: 60, connectionFee: '0', freeSeconds: 0 } }],
  },
  rates: 1,
  prefixes: 1,
}; // prettier-ignore

async function opened(rates: Partial<RateSheets>) {
  const api = await apiUnderTest({}, undefined, { rates });
  const headers = { 'content-type': 'application/yaml' };
  const url = '/api/v1/configuration';
  assert.equal((await api.ask({ method: 'POST', url, payload: example, headers })).status, 200);
  return api;
}

function upload(api: Awaited<ReturnType<typeof opened>>, query: string, payload: string) {
  const headers = { 'content-type': 'text/csv' };
  return api.ask({ method: 'POST', url: `${URL}/imports${query}`, payload, headers });
}

test('BILL-02 a file reaches its reader piece by piece, with what was said of it', async () => {
  const seen: { request: ImportRequest; text: string }[] = [];
  const api = await opened({
    read: async (request, file) => {
      let text = '';
      for await (const piece of file) text += Buffer.from(piece).toString();
      seen.push({ request, text });
      return found;
    },
  });
  const query = '?mode=update&from=2027-01-01&delimiter=tab&decimal=comma&increments=1/1&column=prefix%3DCode&column=pricePerMinute%3DRate&file=a.csv&note=n'; // prettier-ignore
  const { body, status } = await upload(api, query, 'Code\tRate\n44\t1\n');
  assert.equal(status, 200);
  assert.deepEqual((body as { counts: object }).counts, found.report?.['counts']);
  const [{ request, text } = assert.fail('nothing was read')] = seen;
  assert.equal(text, 'Code\tRate\n44\t1\n');
  assert.deepEqual(request.terms, { mode: 'update', file: 'a.csv', effectiveFrom: '2027-01-01T00:00:00.000Z', isAtOnce: false, effectiveUntil: undefined }); // prettier-ignore
  assert.deepEqual(request.read.form, { decimal: 'comma', dates: undefined, delimiter: '\t', columns: [['prefix', 'Code'], ['pricePerMinute', 'Rate']] }); // prettier-ignore
  assert.deepEqual([request.read.firstIncrement, request.note], [1, 'n']);
});

test('BILL-02 the first hundred mistakes stand in the answer, and all of them in bad-lines', async () => {
  const mistakes = Array.from({ length: 120 }, (_, at) => ({ path: 'rate', line: at + 2, message: 'is "free", must be an amount' })); // prettier-ignore
  const api = await opened({
    read: () => Promise.resolve({ ...found, state: 'refused' }),
    mistakes: () => Promise.resolve(mistakes),
  });
  const { body, status } = await upload(api, '', 'code,rate\n');
  const problem = body as { detail: string; mistakes: unknown[] };
  assert.deepEqual([status, problem.mistakes.length], [422, 100]);
  assert.match(problem.detail, /^120 mistakes are in the file; nothing was changed; the first 100 are named here, all of them in bad-lines of import f00$/); // prettier-ignore
  const { text } = await api.ask({ url: `${URL}/imports/f00/bad-lines` });
  assert.equal(text.split('\n').length, 122);
  assert.match(text, /^line,column,mistake\n2,rate,"is ""free"", must be an amount"\n/);
});

test('BILL-02 what cannot be done is said with what would help', async () => {
  const running = { kind: 'import-running', begunBy: 'ann', begunAt: found.begunAt } as const;
  const api = await opened({
    read: () => Promise.resolve(running),
    import: () => Promise.resolve(found),
    apply: () => Promise.resolve({ kind: 'rates-changed' }),
    discard: () => Promise.resolve({ kind: 'import-not-ready', state: 'applied' }),
  });
  const details = async (method: 'GET' | 'POST', path: string) => {
    const { body, status } = await api.ask({ method, url: path });
    return `${String(status)} ${(body as { detail: string }).detail}`;
  };
  const { body, status } = await upload(api, '', '');
  assert.equal(status, 409);
  assert.match((body as { detail: string }).detail, /is being read into rate group "standard" since 2026-11-21T12:00:00.000Z, by ann/); // prettier-ignore
  assert.match(await details('POST', `${URL}/imports/f00/apply`), /^409 the rates of group "standard" were changed since/); // prettier-ignore
  assert.match(await details('POST', `${URL}/imports/f00/discard`), /^409 the import is applied/);
  assert.match(await details('GET', `${URL}/imports/f00/changes`), /^409 there is nothing to be applied/); // prettier-ignore
  assert.match(await details('POST', `${URL}/versions/3/rollback`), /^404 .*no such version/);
  assert.match(await details('GET', '/api/v1/rate-groups/standart/rates'), /^404 there is no rate group "standart".*standard/); // prettier-ignore
  const wrong = await upload(api, '?increments=0/60&column=nothing', '');
  assert.equal(wrong.status, 400);
});

test('BILL-02 rates and changes are sent as they are written', async () => {
  const csv = async function* (): AsyncGenerator<string> {
    yield 'prefix,pricePerMinute\n';
    await Promise.resolve();
    yield '44,1\n';
  };
  const api = await opened({ csv, changes: () => Promise.resolve(csv()) });
  assert.equal((await api.ask({ url: `${URL}/rates` })).text, 'prefix,pricePerMinute\n44,1\n');
  const changes = await api.ask({ url: `${URL}/imports/f00/changes` });
  assert.equal(changes.text, 'prefix,pricePerMinute\n44,1\n');
  const { body } = await api.ask({ url: `${URL}/versions` });
  assert.deepEqual(body, { isSheet: false, versions: [] });
});
