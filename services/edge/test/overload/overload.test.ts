import assert from 'node:assert/strict';
import test from 'node:test';
import type { AuthenticateReply } from '@tandem/proto/edge-replies';
import { parseMessage } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { callsRefused, messagesShed } from '../../src/telemetry.ts';
import { allowed, challenged, unrouted } from '../support/call-samples.ts';
import { CALLER, EDGE, EdgeBench } from '../support/edge-bench.ts';
import type { EdgeBenchOptions } from '../support/edge-bench.ts';

const trunk: AuthenticateReply = {
  ...allowed(),
  outcome: { $case: 'allow', value: { kind: 'mapping-gateway', name: 'trunk', account: 'demo' } },
  callerAddresses: ['10.0.9.1', '10.0.9.2'],
};

/** An edge whose receive queue is as late as a test says, and somebody who sends it what he likes. */
class Flood {
  lateMs = 0;
  readonly bench: EdgeBench;
  readonly answers: SipResponse[] = [];
  readonly #senders = new Map<string, ReturnType<EdgeBench['network']['open']>>();
  #count = 0;

  constructor(settings: { readonly mostRate?: number } & Pick<EdgeBenchOptions, 'told'> = {}) {
    const { mostRate = Infinity, told } = settings;
    this.bench = new EdgeBench({
      told,
      overload: { isOn: true, mostRate, queueDelayMs: () => this.lateMs },
    });
  }

  /** Long enough up that nobody can have had calls here before. */
  async start(): Promise<this> {
    await this.bench.clock.advanceSettled(5000);
    return this;
  }

  send(text: string, address = '10.0.9.1'): void {
    const known = this.#senders.get(address);
    const sender =
      known ??
      this.bench.network.open({
        address,
        port: 5060,
        listener: {
          onMessage: (message) => {
            if (message.kind === 'response') this.answers.push(message);
          },
        },
      });
    this.#senders.set(address, sender);
    sender.send(Buffer.from(text, 'latin1'), EDGE.address, EDGE.port);
  }

  /** A request of its own. */
  request(
    method: string,
    more: Readonly<Record<string, string>> = {},
    address = '10.0.9.1',
  ): string {
    this.#count += 1;
    const id = `${method}-${String(this.#count)}`;
    const headers = {
      Via: `SIP/2.0/UDP ${address}:5060;branch=z9hG4bK${id};rport`,
      'Max-Forwards': '70',
      From: `<sip:trunk@${address}>;tag=${id}`,
      To: '<sip:442079460000@10.0.0.1>',
      'Call-ID': id,
      CSeq: `1 ${method}`,
      Contact: `<sip:trunk@${address}:5060>`,
      ...more,
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    return [`${method} sip:442079460000@10.0.0.1 SIP/2.0`, ...lines, '', ''].join('\r\n');
  }

  /** The queue is late until somebody is refused; a call of this address, which is known then, has its answer before. */
  async overload(): Promise<void> {
    this.lateMs = 900;
    // No more calls than usual: it is late for so long before it refuses any.
    for (let halfSecond = 0; halfSecond < 5; halfSecond++) {
      this.send(this.request('INVITE'));
      await this.bench.clock.advanceSettled(500);
    }
    for (let call = 0; call < 200; call++) this.send(this.request('INVITE'));
    await this.bench.clock.advanceSettled(50);
    this.answers.length = 0;
  }

  async settle(ms = 50): Promise<void> {
    await this.bench.clock.advanceSettled(ms);
  }

  statuses(): number[] {
    return this.answers.map(({ status }) => status).filter((status) => status !== 100);
  }
}

test('CALL-11 DENY-19 past its limits an edge refuses new calls by their bytes: auth, store and log do not hear of them', async () => {
  const flood = await new Flood().start();
  const { bench } = flood;
  await flood.overload();
  const asked = bench.asked.auth.length;
  const steps = bench.storeSteps().length;
  const before = callsRefused.byLoad + callsRefused.byShare;
  const invite = flood.request('INVITE');
  flood.send(invite);
  await flood.settle();
  const [response] = flood.answers;
  assert.equal(response?.status, 503);
  assert.equal(response.headers.get('Warning'), '399 10.0.0.1 "Overload"');
  const seconds = Number(response.headers.get('Retry-After'));
  assert.ok(seconds >= 5 && seconds <= 10);
  assert.equal(bench.asked.auth.length, asked);
  assert.equal(bench.storeSteps().length, steps);
  assert.equal(callsRefused.byLoad + callsRefused.byShare, before + 1);

  // Repeated it is refused again, though there is room by now, and its ACK is not passed on.
  flood.send(invite);
  await flood.settle();
  assert.deepEqual(flood.answers[1]?.headers.toText(), response.headers.toText());
  assert.equal(callsRefused.byLoad + callsRefused.byShare, before + 1, 'it is one call');
  const shed = messagesShed.total;
  const ack = invite
    .replaceAll('INVITE', 'ACK')
    .replaceAll('ACK-', 'INVITE-')
    .replace('To: <sip:442079460000@10.0.0.1>', `To: ${response.headers.get('To') ?? ''}`);
  flood.send(ack);
  await flood.settle();
  assert.equal(messagesShed.total, shed + 1);
  await bench.close();
});

test('CALL-07 CALL-11 who is refused unread is told of the address of his network', async () => {
  const flood = await new Flood({
    told: [EDGE, { address: '203.0.113.1', port: 5060, network: '10.0.9.0/24' }],
  }).start();
  await flood.overload();
  flood.send(flood.request('INVITE'));
  await flood.settle();
  const [response] = flood.answers;
  assert.equal(response?.status, 503);
  assert.equal(response.headers.get('Warning'), '399 203.0.113.1 "Overload"');
  await flood.bench.close();
});

test('CALL-11 what was begun goes on under overload: the set-up, its repetitions, CANCEL, BYE', async () => {
  const flood = await new Flood().start();
  const { bench } = flood;
  const up = await bench.answeredCall();
  const ringing = bench.call();
  const ringingAtB = await bench.incoming();
  ringingAtB.ring();
  await bench.until(ringing.provisional(180));
  const cancelled = bench.call();
  const cancelledAtB = await bench.incoming();
  cancelledAtB.ring();
  await bench.until(cancelled.provisional(180));
  await flood.overload();
  assert.equal(bench.server.overload?.state.isShedding, true);

  // A repeated INVITE is no new one.
  const text = bench.alice.transcript;
  const refusals = callsRefused.byLoad + callsRefused.byShare;
  const sent = bench.network.sent.find(
    ({ from, bytes }) => from.address === CALLER.address && bytes.includes('INVITE sip:'),
  );
  assert.ok(sent !== undefined);
  bench.alice.sendRaw(sent.bytes, EDGE);
  await flood.settle();
  assert.equal(callsRefused.byLoad + callsRefused.byShare, refusals);

  ringingAtB.answer();
  await bench.until(ringing.answered());
  await bench.until(ringingAtB.ack());
  void cancelled.cancel();
  assert.equal((await bench.until(cancelled.final())).status, 487);
  const bye = up.a.bye();
  (await bench.until(up.b.receive('BYE'))).respond(200);
  assert.equal((await bench.until(bye)).status, 200);
  assert.ok(text.count('received', '503') === 0);
  await bench.close();
});

test('CALL-11 the INVITE that answers a challenge belongs to what was begun before it', async () => {
  const flood = await new Flood().start();
  const { bench } = flood;
  bench.authenticate = (request) =>
    Promise.resolve(request.proxyAuthorization.length > 0 ? allowed() : challenged(407));
  flood.lateMs = 900;
  const first = flood.request('INVITE', { 'Call-ID': 'two-step' });
  flood.send(first);
  await flood.settle(500);
  assert.deepEqual(flood.statuses(), [407]);
  for (let call = 0; call < 200; call++) flood.send(flood.request('INVITE'));
  await flood.settle(100);
  const credentials = {
    'Call-ID': 'two-step',
    CSeq: '2 INVITE',
    'Proxy-Authorization': 'Digest a="b"',
  };
  for (let call = 0; call < 200; call++) flood.send(flood.request('INVITE'));
  await flood.settle(2);
  flood.send(flood.request('INVITE', credentials));
  await flood.settle(4);
  const cseqs = (): number[] =>
    bench.asked.auth.filter(({ sipCallId }) => sipCallId === 'two-step').map(({ cseq }) => cseq);
  assert.deepEqual(cseqs(), [1, 2]);
  for (let cseq = 3; cseq < 203; cseq++) {
    flood.send(flood.request('INVITE', { ...credentials, CSeq: `${String(cseq)} INVITE` }));
  }
  await flood.settle(4);
  assert.ok(cseqs().length < 150, 'the next ones are new calls');
  await bench.close();
});

test('CALL-11 an INVITE that was challenged is not refused as well: what it repeats under overload is dropped, or challenged again', async () => {
  const flood = await new Flood().start();
  const { bench } = flood;
  bench.authenticate = (request) =>
    Promise.resolve(request.proxyAuthorization.length > 0 ? allowed() : challenged(407));
  await flood.overload();
  flood.lateMs = 0;
  await flood.settle(40_000);
  const challenge = flood.request('INVITE', { 'Call-ID': 'late' });
  flood.send(challenge);
  await flood.settle(10);
  assert.deepEqual(flood.statuses(), [407]);
  await flood.overload();
  const dropped = messagesShed.total;
  for (let repetition = 0; repetition < 50; repetition++) flood.send(challenge);
  await flood.settle(2);
  const statuses = flood.answers
    .filter(({ headers }) => headers.get('Call-ID') === 'late')
    .map(({ status }) => status);
  assert.ok(!statuses.includes(503), 'an INVITE has one final response');
  assert.ok(messagesShed.total > dropped, 'some were dropped');
  const fresh = flood.request('INVITE');
  flood.send(fresh);
  await flood.settle(2);
  assert.equal(flood.answers.at(-1)?.status, 503);
  await bench.close();
});

test('CALL-11 OPS-09 a gateway that is refused finds one CDR for all of it, with the values that decided', async () => {
  const flood = await new Flood().start();
  const { bench } = flood;
  bench.authenticate = () => Promise.resolve(trunk);
  await flood.overload();
  await flood.settle(2000);
  const refused = bench.events.filter(({ termination }) => termination?.reason === 'Overload');
  assert.equal(refused.length, 1);
  const [event] = refused;
  assert.equal(event?.origin?.name, 'trunk');
  assert.equal(event.termination?.code, 503);
  const decision = event.decisions.find(({ check }) => check === 'overload');
  assert.equal(decision?.subject, 'mapping-gateway trunk');
  const facts = new Map(decision.facts.map(({ name, value }) => [name, value]));
  assert.deepEqual(
    [facts.get('measured'), facts.get('measured-ms'), facts.get('limit-ms')],
    ['queue-delay', '900', '300'],
  );
  assert.equal(await bench.heldLines(), 0);
  for (let call = 0; call < 200; call++) flood.send(flood.request('INVITE'));
  await flood.settle(8500);
  for (let call = 0; call < 200; call++) flood.send(flood.request('INVITE'));
  await flood.settle(2000);
  const later = bench.events.filter(({ termination }) => termination?.reason === 'Overload');
  assert.equal(later.length, 2, 'one in ten seconds');
  await bench.close();
});

test('CALL-11 addresses of one gateway have one share, and a trunk that floods takes no call of another', async () => {
  const flood = await new Flood().start();
  const { bench } = flood;
  bench.authenticate = ({ sourceAddress }) =>
    Promise.resolve(sourceAddress.startsWith('10.0.9.') ? trunk : allowed());
  bench.route = () => new Promise(() => undefined);
  flood.send(flood.request('INVITE', {}, '10.0.9.2'), '10.0.9.2');
  flood.send(flood.request('INVITE', {}, '10.0.8.1'), '10.0.8.1');
  await flood.overload();
  // Until what came at once, before the demand of its source was known, is paid for.
  await flood.settle(1000);
  const admittedOf = (start: string): number =>
    bench.asked.route.filter(({ sourceAddress }) => sourceAddress.startsWith(start)).length;
  const refused = callsRefused.byLoad + callsRefused.byShare;
  const before = { trunk: admittedOf('10.0.9.'), small: admittedOf('10.0.8.') };
  for (let tick = 0; tick < 50; tick++) {
    for (let call = 0; call < 20; call++) {
      const address = call % 2 === 0 ? '10.0.9.1' : '10.0.9.2';
      flood.send(flood.request('INVITE', {}, address), address);
    }
    if (tick % 5 === 0) flood.send(flood.request('INVITE', {}, '10.0.8.1'), '10.0.8.1');
    await flood.settle(100);
  }
  assert.equal(admittedOf('10.0.8.') - before.small, 10, 'all of the small one');
  const flooded = admittedOf('10.0.9.') - before.trunk;
  assert.ok(flooded > 170 && flooded < 310, String(flooded));
  const sources = bench.server.overload?.sources ?? [];
  assert.equal(sources[0]?.name, 'mapping-gateway trunk');
  assert.ok(callsRefused.byLoad + callsRefused.byShare - refused > 500);
  await bench.close();
});

test('CALL-11 floods of REGISTER and garbage are hardly read, monitors are answered, and five seconds later all is as before', async () => {
  const flood = await new Flood().start();
  const { bench } = flood;
  const { route } = bench;
  // What of the flood is admitted goes nowhere, and does not wait.
  bench.route = (request) =>
    request.sourceAddress === CALLER.address
      ? route(request)
      : Promise.resolve(unrouted('NoAvailableRouter'));
  await flood.overload();
  const before = messagesShed.total;
  for (let at = 0; at < 500; at++) {
    flood.send(flood.request('REGISTER'));
    flood.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    flood.send('\u0000\u0001\u0002\u0003 nothing');
  }
  await flood.settle();
  assert.ok(messagesShed.total - before >= 1000);
  assert.deepEqual(flood.statuses(), [], 'senders of what is half a second old have repeated it');
  flood.lateMs = 400;
  await flood.settle(100);
  for (let at = 0; at < 500; at++) flood.send(flood.request('REGISTER'));
  flood.send(flood.request('OPTIONS'));
  await flood.settle();
  const counts = Object.groupBy(flood.statuses(), (status) => String(status));
  assert.equal(counts['503']?.length, 100, 'some are told when to come back');
  assert.equal(counts['200']?.length, 1);

  flood.lateMs = 0;
  await flood.settle(5000);
  assert.equal(bench.server.overload?.state.isShedding, false);
  flood.answers.length = 0;
  await bench.answeredCall();
  flood.send(flood.request('REGISTER'));
  await flood.settle();
  assert.deepEqual(flood.statuses(), [405]);
  await bench.close();
});

test('CALL-11 DENY-19 of a flood of strangers some are told, the others not even read; what belongs to something is', async () => {
  const flood = await new Flood().start();
  const { bench } = flood;
  bench.authenticate = ({ sourceAddress, proxyAuthorization }) =>
    Promise.resolve(
      sourceAddress === '10.0.9.1' || proxyAuthorization.length > 0 ? allowed() : challenged(407),
    );
  const stranger = '10.0.7.1';
  flood.send(flood.request('INVITE', { 'Call-ID': 'two-step' }, stranger), stranger);
  await flood.settle();
  await flood.overload();
  await flood.settle(1000 - (bench.clock.now() % 1000));
  flood.answers.length = 0;
  const asked = bench.asked.auth.length;
  const shed = messagesShed.total;
  for (let call = 0; call < 1000; call++) {
    flood.send(flood.request('INVITE', {}, stranger), stranger);
  }
  await flood.settle();
  const statuses = flood.statuses();
  assert.equal(statuses.filter((status) => status === 503).length, 200);
  assert.ok(bench.asked.auth.length - asked < 20, 'a tenth of the rate is theirs');
  assert.equal(messagesShed.total - shed, 1000 - statuses.length);
  // OPS-10: what nobody reads leaves its number, in one note a second.
  await bench.settle(1100);
  const turnedAway = bench.notes.filter(({ source }) => source === `${stranger}:0`);
  const counted = turnedAway.reduce((sum, { count = 1 }) => sum + count, 0);
  assert.equal(counted, 1000 - (bench.asked.auth.length - asked));
  assert.ok(turnedAway.length <= 6, String(turnedAway.length));
  assert.ok(turnedAway.every(({ cause }) => cause === 'turned-away'));

  flood.answers.length = 0;
  const known = flood.request('INVITE');
  const credentials = {
    'Call-ID': 'two-step',
    CSeq: '2 INVITE',
    'Proxy-Authorization': 'Digest a="b"',
  };
  flood.send(flood.request('INVITE', credentials, stranger), stranger);
  for (let call = 0; call < 200; call++) flood.send(flood.request('INVITE'));
  flood.send(known);
  flood.send(flood.request('INVITE', { To: '<sip:a@10.0.0.1>;tag=none' }, stranger), stranger);
  await flood.settle();
  assert.ok(bench.asked.auth.some(({ sipCallId, cseq }) => sipCallId === 'two-step' && cseq === 2));
  assert.ok(flood.statuses().includes(503), 'who is known is always told');
  assert.ok(flood.statuses().includes(481));
  await bench.close();
});

test('CALL-11 a pod that has just begun, and may know nothing of a call that rings, refuses nobody by a word', async () => {
  const flood = new Flood();
  const { bench } = flood;
  await flood.overload();
  flood.send(flood.request('INVITE'));
  await flood.settle();
  assert.deepEqual(flood.statuses(), []);
  await flood.settle(5000);
  for (let call = 0; call < 200; call++) flood.send(flood.request('INVITE'));
  await flood.settle();
  assert.ok(flood.statuses().includes(503));
  await bench.close();
});

test('CALL-11 TANDEM_OVERLOAD_RATE holds without any load, and what cannot be read quickly is refused as well', async () => {
  const flood = await new Flood({ mostRate: 5 }).start();
  const { bench } = flood;
  bench.route = () => new Promise(() => undefined);
  flood.send(flood.request('INVITE'));
  await flood.settle(200);
  for (let call = 0; call < 20; call++) flood.send(flood.request('INVITE'));
  await flood.settle();
  flood.answers.length = 0;
  const folded = flood.request('INVITE').replace('To: ', 'To:\r\n ');
  flood.send(folded);
  await flood.settle();
  assert.deepEqual(flood.statuses(), [503]);
  assert.equal(flood.answers[0]?.headers.get('Warning'), '399 10.0.0.1 "Overload"');
  flood.send(folded);
  await flood.settle();
  assert.equal(flood.answers[1]?.headers.get('To'), flood.answers[0].headers.get('To'));
  flood.send(flood.request('REGISTER'));
  await flood.settle();
  assert.equal(flood.statuses().at(-1), 405, 'only calls are counted');
  assert.ok(parseMessage(Buffer.from(folded)).kind === 'request');
  await bench.close();
});
