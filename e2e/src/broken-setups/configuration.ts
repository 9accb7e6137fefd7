import { configuration, demo, type ConfigurationDocument } from '../configuration.ts';
import { addForRounds } from './added-configuration.ts';
import { answeredCodes } from './carriers.ts';
import { PASSWORD } from './setup.ts';

/** A configuration in which every call of the table breaks, each by its own. */
export function brokenConfiguration(port: number, deadPort: number): ConfigurationDocument {
  const document = configuration(port, port);
  const gateway = (name: string, prefix: string, more: object = {}) => ({
    name,
    addresses: [`127.0.0.1:${String(port)}`],
    prefixes: [prefix],
    priority: 1,
    ...more,
  });
  document.routingGateways = [
    gateway('carrier-a', '44'),
    gateway('silent', '4601', { timers: { invite: 1 } }),
    gateway('rings-on', '4602', { timers: { ringing: 1 } }),
    gateway('busy', '4603'),
    gateway('left', '4603', { priority: 2 }),
    gateway('refuses', '4604', { stopCodes: [403] }),
    gateway('left-too', '4604', { priority: 2 }),
    gateway('knows-not', '4605'),
    gateway('other-codec', '4606'),
    gateway('stays', '4607', { switchUntilConnect: false }),
    gateway('left-3', '4607', { priority: 2 }),
    gateway('first', '4608'),
    gateway('second', '4608', { priority: 2 }),
    gateway('third', '4608', { priority: 3 }),
    gateway('early', '4609'),
    gateway('left-4', '4609', { priority: 2 }),
    gateway('asks-password', '4610'),
    gateway('moved', '4611'),
    gateway('rings', '4612'),
    gateway('barred', '4701', { lock: 'bar-all' }),
    gateway('unpaid', '4702', { account: 'vendor-locked' }),
    gateway('past', '4703', { account: 'vendor-expired' }),
    gateway('nowhere', '4704', { addresses: ['nowhere.invalid'] }),
    gateway('fails-first', '4705', { addresses: [`127.0.0.1:${String(deadPort)}`], timers: { invite: 1 } }), // prettier-ignore
    gateway('then-works', '4705', { priority: 2 }),
  ];
  (document.rateGroups[0]?.['rates'] as object[]).push(
    { prefix: '46', pricePerMinute: demo.price },
    { prefix: '47', pricePerMinute: demo.price },
    { prefix: '48', pricePerMinute: demo.price },
    { prefix: '3', pricePerMinute: demo.price },
  );
  const customer = (name: string, more: object) => ({
    name,
    openingBalance: '10',
    rateGroup: 'standard',
    ...more,
  });
  document.accounts.push(
    customer('locked', { status: 'locked' }),
    customer('expired', { validUntil: '2020-01-01T00:00:00Z' }),
    customer('broke', { openingBalance: '0' }),
    customer('full', { lineLimit: 0 }),
    { name: 'vendor-locked', type: 'vendor', status: 'locked' },
    { name: 'vendor-expired', type: 'vendor', validUntil: '2020-01-01T00:00:00Z' },
  );
  const phone = (username: string, account: string, more: object = {}) => ({
    username,
    account,
    password: PASSWORD,
    ...more,
  });
  for (const each of document.phones) each['password'] = PASSWORD;
  document.phones.push(
    phone('2001', 'locked'),
    phone('2002', 'expired'),
    phone('2003', 'broke'),
    phone('2005', 'demo', { callTypes: ['uk'] }),
    phone('2006', 'demo', { algorithms: ['SHA-256'] }),
    phone('2007', 'demo', { authentication: 'both', addresses: ['10.9.9.9/32'] }),
    phone('2008', 'demo'),
    phone('2009', 'demo', { registration: { minExpires: 600 } }),
    ...['3001', '3002', '3003', '3004', '3005', '3006', '3007', '3008'].map((name) =>
      phone(name, 'demo'),
    ),
  );
  const added = addMore(document, port, deadPort);
  addForRounds(document, port, deadPort);
  return {
    ...document,
    ...added,
    callTypes: [{ name: 'uk', prefixes: ['44'] }],
    parameters: {
      ...document.parameters,
      SS_SIP_AUTHENTICATION_RETRY: 2,
      SS_SIP_AUTHENTICATION_TIMEOUT: 4,
      SS_AUTHENTICATION_FAILED_SUSPEND: 3600,
      // All is asked at once, and the machine may be slow.
      SS_OVERLOAD_CONTROL: false,
      SS_GATEWAY_SWITCH_LIMIT: 2,
      SS_BLACKLIST_MAX_FAILURES: 8,
      SERVER_VERIFY_CLEARING_CUSTOMER_REMAIN_MONEY_LIMIT: true,
      SS_JOURNAL_STRANGER_ENTRIES: 1000,
    },
  } as ConfigurationDocument;
}

/** What the rest of the table needs: added to the document, and what stands beside its lists. */
function addMore(document: ConfigurationDocument, port: number, deadPort: number): object {
  const gateway = (name: string, prefix: string, more: object = {}) => ({
    name,
    addresses: [`127.0.0.1:${String(port)}`],
    prefixes: [prefix],
    priority: 1,
    ...more,
  });
  document.routingGateways.push(
    gateway('only-44', '4710', { prefixMode: 'expiration' }),
    gateway('longer', '47101', { lock: 'bar-all' }),
    gateway('one-line', '4711', { lineLimit: 1 }),
    gateway('low', '4712', { group: 'shared', reservedLines: 2, priority: 5 }),
    gateway('others-only', '4713', { allowedMappingGateways: ['demo-trunk'] }),
    gateway('not-yours', '4714', { forbiddenMappingGateways: ['demo-trunk'] }),
    gateway('poor', '4715', { account: 'vendor-poor' }),
    gateway('night', '4716', { schedule: 'never' }),
    gateway('off', '4717', {
      addresses: [`127.0.0.1:${String(deadPort)}`],
      optionsCheck: { period: 1, failures: 1, window: 1 },
    }),
    gateway('rests', '4718'),
    { name: 'dyn', type: 'dynamic', prefixes: ['4719'], priority: 1, password: PASSWORD },
    gateway('slow-cps', '4720', { callsPerSecond: 1 }),
    gateway('dear', '4721', { account: 'vendor-dear' }),
    gateway('bounded', '4722', {
      account: 'vendor-dear',
      highestPricePerMinute: '0.001',
      lowestProfit: '-10000',
    }),
    gateway('closed-port', '4725', {
      addresses: [`127.0.0.1:${String(deadPort)}`],
      timers: { invite: 2 },
    }),
    gateway('closed-tcp', '4727', {
      addresses: [`127.0.0.1:${String(deadPort)}`],
      transport: 'tcp',
      timers: { invite: 2 },
    }),
    gateway('progress', '4729', { timers: { sessionProgress: 1 } }),
    gateway('early-media', '4730', { timers: { sessionProgressSdp: 1 } }),
    gateway('late', '4731', { timers: { invite: 1 } }),
    gateway('wrong-login', '4733', { username: 'u', password: 'p' }),
    ...answeredCodes.map((code) => gateway(`says-${String(code)}`, `49${String(code)}`)),
    gateway('mapped', '4734', { codeMap: [{ code: 486, to: 600 }] }),
    gateway('barred-caller', '4737', { lists: { denyCallers: ['bad-callers'] } }),
    gateway('trouble-q850', '4739'),
    gateway('garbage', '4741', { timers: { invite: 1 } }),
    gateway('rule-gw', '4742', { numberRules: ['eats'] }),
    gateway('g-full', '4743', { group: 'g-small' }),
  );
  document.gatewayGroups.push({ name: 'shared', lineLimit: 2 }, { name: 'g-small', lineLimit: 1 });
  const rates = document.rateGroups[0]?.['rates'] as object[];
  rates.push(
    { prefix: '49', pricePerMinute: demo.price },
    { prefix: '90', pricePerMinute: '1', effectiveFrom: '2099-01-01T00:00:00Z' },
    { prefix: '91', pricePerMinute: '1', effectiveUntil: '2020-01-01T00:00:00Z' },
  );
  document.rateGroups.push(
    { name: 'dear', currency: 'USD', rates: [{ prefix: '47', pricePerMinute: '5' }] },
    { name: 'empty', currency: 'USD', rates: [] },
  );
  const customer = (name: string, more: object) => ({
    name,
    openingBalance: '10',
    rateGroup: 'standard',
    ...more,
  });
  document.accounts.push(
    customer('two-cents', { openingBalance: '0.02' }),
    customer('one-line-account', { lineLimit: 1 }),
    customer('slow', { callsPerSecond: 1 }),
    customer('thrifty', { highestPricePerMinute: '0.001' }),
    customer('rateless', { rateGroup: 'empty' }),
    customer('one-cent', { openingBalance: '0.01' }),
    customer('few-types', { callTypes: ['uk'] }),
    { name: 'vendor-poor', type: 'vendor', openingBalance: '-5' },
    { name: 'vendor-dear', type: 'vendor', rateGroup: 'dear', openingBalance: '100' },
  );
  const phone = (username: string, account: string, more: object = {}) => ({
    username,
    account,
    password: PASSWORD,
    ...more,
  });
  document.phones.push(
    phone('4101', 'two-cents'),
    phone('4102', 'one-line-account'),
    phone('4103', 'demo', { lineLimit: 1 }),
    phone('4104', 'slow'),
    phone('4105', 'thrifty'),
    phone('4106', 'rateless'),
    phone('4107', 'one-cent'),
    phone('4108', 'few-types'),
    phone('4109', 'demo', { status: 'locked' }),
    phone('4110', 'demo'),
    phone('4111', 'demo'),
    phone('4112', 'demo'),
    phone('4113', 'demo'),
    phone('4114', 'demo'),
    phone('4115', 'demo'),
    phone('4116', 'demo'),
    phone('4117', 'demo'),
    phone('4118', 'demo'),
    phone('4119', 'demo'),
    phone('4120', 'demo'),
    phone('4121', 'demo'),
    phone('4122', 'demo', { registration: { minExpires: 10 } }),
    phone('4123', 'demo'),
    phone('4124', 'demo'),
    phone('4125', 'demo'),
    phone('4126', 'demo'),
    phone('4127', 'demo'),
    phone('4128', 'demo', { lists: { denyCallees: ['premium'] } }),
    phone('4129', 'demo', { lists: { allowCallees: ['friends'] } }),
    phone('4130', 'demo', { numberRules: ['eats'] }),
    phone('4131', 'demo'),
    { username: '4132', account: 'demo', authentication: 'ip', addresses: ['127.0.0.5/32'] },
    phone('4133', 'two-cents'),
    phone('4134', 'demo'),
    phone('4135', 'demo'),
    phone('4136', 'demo'),
    phone('4137', 'demo'),
  );
  const trunk = (name: string, address: string, more: object = {}) => ({
    name,
    account: 'demo',
    authentication: { mode: 'ip', addresses: [`${address}/32`] },
    ...more,
  });
  document.mappingGateways.push(
    {
      name: 'port-trunk',
      account: 'demo',
      authentication: { mode: 'ip-port', addresses: ['127.0.0.3:5999'] },
    },
    { name: 'pw-trunk', account: 'demo', authentication: { mode: 'password', password: PASSWORD } },
    trunk('cert-trunk', '127.0.0.11', { certificateNames: ['x.example'] }),
    trunk('full-trunk', '127.0.0.12', { lineLimit: 1 }),
    trunk('cps-trunk', '127.0.0.13', { callsPerSecond: 1 }),
    trunk('anon-trunk', '127.0.0.14', { identity: { anonymous: 'refuse' } }),
    trunk('stir-trunk', '127.0.0.15', { stir: { verify: 'refuse' } }),
    trunk('limited-trunk', '127.0.0.16', { allowedRoutingGateways: ['carrier-a'] }),
    trunk('typed-trunk', '127.0.0.17', { callTypes: ['uk'] }),
    trunk('asserted-trunk', '127.0.0.18', { identity: { anonymous: 'asserted' } }),
    trunk('margin-trunk', '127.0.0.19', { lowestProfit: '50' }),
    trunk('via-trunk', '127.0.0.20', { replyAddress: 'via' }),
    trunk('mapped-trunk', '127.0.0.21', { codeMap: [{ code: 503, to: 480 }] }),
  );
  return {
    schedules: [{ name: 'never', timeZone: 'Europe/London', open: [{ dates: ['2020-01-01'] }] }],
    numberLists: [
      { name: 'premium', match: 'prefix' },
      { name: 'friends' },
      { name: 'bad-callers', match: 'prefix' },
    ],
    numberRules: [
      { name: 'eats', rules: [{ number: 'callee', replace: { pattern: '^.*$', by: '' } }] },
    ],
    security: { deny: ['127.0.0.64/28'], userAgents: [{ begins: 'OldPhone', answers: 401 }] },
  };
}
