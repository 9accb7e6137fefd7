import assert from 'node:assert/strict';
import test from 'node:test';
import type { JournalNote } from '@tandem/domain';
import { AuthenticateReply } from '@tandem/proto/edge-replies';
import { RegisteredContact, RegisterResponse } from '@tandem/proto/registrar';
import type { RegisterRequest } from '@tandem/proto/registrar';
import { parseNameAddr } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import type { RegistrarClient } from '../../src/registration/registration.ts';
import { challenged, deniedBy } from '../support/call-samples.ts';
import { CALLER, EDGE, EdgeBench } from '../support/edge-bench.ts';

const INSTANCE = '<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>';

interface Lines {
  readonly branch?: string;
  readonly cseq?: number;
  readonly to?: string;
  readonly more?: readonly string[];
}

function registerText({ branch = 'z9hG4bKr1', cseq = 1, to = '1001', more }: Lines = {}): Buffer {
  const extra = more ?? ['Contact: <sip:1001@10.0.0.2:5062>', 'Expires: 600'];
  return Buffer.from(
    [
      `REGISTER sip:${EDGE.address} SIP/2.0`,
      `Via: SIP/2.0/UDP 10.0.0.2:5062;branch=${branch}`,
      'Max-Forwards: 70',
      'From: <sip:1001@office.example>;tag=a1',
      `To: <sip:${to}@office.example>`,
      'Call-ID: r1@office.example',
      `CSeq: ${String(cseq)} REGISTER`,
      'User-Agent: baresip v1.0.0',
      ...extra,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
  );
}

const isPhone = AuthenticateReply.fromPartial({
  outcome: { $case: 'allow', value: { kind: 'phone', name: '1001', account: 'demo' } },
});

/** An edge whose registrar answers what the test sets. */
class Bench {
  readonly bench = new EdgeBench();
  readonly asked: RegisterRequest[] = [];
  readonly notes: JournalNote[] = [];
  answer: RegistrarClient['register'] = ({ contacts }) =>
    Promise.resolve(
      RegisterResponse.create({
        outcome: {
          $case: 'registered',
          value: {
            contacts: contacts.map(({ uri, instance, regId, q = 1000 }) =>
              RegisteredContact.create({
                ...{ uri, expires: 540, q, instance, regId },
                session: instance === '' ? 0 : 77,
              }),
            ),
          },
        },
      }),
    );

  constructor() {
    const { bench } = this;
    bench.authenticate = () => Promise.resolve(isPhone);
    const server = bench.addPod({
      journal: { note: (note) => this.notes.push(note), level: () => undefined },
      registrar: {
        register: (request) => {
          this.asked.push(request);
          return this.answer(request);
        },
        keepalives: () => Promise.resolve({ due: [] }),
        endFlows: () => Promise.resolve({ ended: 0 }),
      },
    });
    bench.pick = () => server;
  }

  /** Sends a REGISTER and gives what has been answered since. */
  async send(lines: Lines = {}): Promise<SipResponse[]> {
    const before = this.#responses().length;
    this.bench.alice.sendRaw(registerText(lines), EDGE);
    await this.bench.settle(50);
    return this.#responses().slice(before);
  }

  #responses(): SipResponse[] {
    return this.bench.alice.transcript.lines.flatMap(({ direction, message }) =>
      direction === 'received' && message.kind === 'response' ? [message] : [],
    );
  }
}

test('REG-01 who is allowed is registered: the 200 has its own contact with the seconds that are left, and the date', async () => {
  const under = new Bench();
  const [response] = await under.send();
  assert.equal(response?.status, 200);
  assert.deepEqual(response.headers.getAll('Contact'), ['<sip:1001@10.0.0.2:5062>;expires=540']);
  assert.match(response.headers.get('Date') ?? '', / GMT$/);
  assert.equal(response.headers.has('Require'), false);
  assert.equal(under.bench.asked.auth[0]?.method, 'REGISTER');
  const { asked } = under;
  assert.deepEqual(asked, [
    {
      traceParent: '',
      phone: '1001',
      sipCallId: 'r1@office.example',
      cseq: 1,
      branch: 'z9hG4bKr1',
      contacts: [
        { uri: 'sip:1001@10.0.0.2:5062', expires: undefined, q: undefined, instance: '', regId: 0 },
      ],
      isStar: false,
      expires: 600,
      path: [],
      isOutbound: false,
      source: `${CALLER.address}:${String(CALLER.port)}`,
      transport: 'udp',
      flow: asked[0]?.flow,
      local: '',
      userAgent: 'baresip v1.0.0',
      edge: 'edge-2',
    },
  ]);
  await under.bench.close();
});

test('AUTH-02 a REGISTER is challenged, and a refusal of auth is told, before the registrar hears of it', async () => {
  const under = new Bench();
  under.bench.authenticate = () => Promise.resolve(challenged(401));
  const [response] = await under.send();
  assert.deepEqual([response?.status, response?.headers.has('WWW-Authenticate')], [401, true]);
  for (const [reason, status] of [
    ['AuthenticationFailed', 403],
    ['Suspended', 403],
    ['ServiceUnavailable', 503],
    ['what a later version says', 503],
  ] as const) {
    under.bench.authenticate = () => Promise.resolve(deniedBy(reason));
    const [refused] = await under.send();
    assert.equal(refused?.status, status);
  }
  assert.deepEqual(under.asked, []);
  await under.bench.close();
});

test('REG-01 REG-10 nobody registers for another one; a gateway that auth lets register does so for itself', async () => {
  const under = new Bench();
  const [other] = await under.send({ to: '1002' });
  assert.equal(other?.status, 403);
  assert.match(other.headers.get('Warning') ?? '', /Registration of another user/);
  under.bench.authenticate = () =>
    Promise.resolve(
      AuthenticateReply.fromPartial({
        outcome: { $case: 'allow', value: { kind: 'routing-gateway', name: 'site' } },
      }),
    );
  const [foreign] = await under.send();
  assert.equal(foreign?.status, 403);
  assert.deepEqual(under.asked, []);
  const [own] = await under.send({ to: 'site' });
  assert.equal(own?.status, 200);
  assert.deepEqual(
    under.asked.map(({ phone }) => phone),
    ['site'],
  );
  await under.bench.close();
});

test('REG-01 what the registrar refuses has its code, an interval that is too brief the least', async () => {
  const under = new Bench();
  for (const [cause, minExpires, status] of [
    ['IntervalTooBrief', 60, 423],
    ['BindingsFull', 0, 403],
    ['OutOfOrder', 0, 500],
    ['Malformed', 0, 400],
    ['UserNotFound', 0, 404],
    ['what a later version says', 0, 400],
  ] as const) {
    under.answer = () =>
      Promise.resolve({
        outcome: { $case: 'refused', value: { cause, minExpires, text: 'why' } },
      });
    const [response] = await under.send();
    assert.equal(response?.status, status, cause);
    assert.equal(response.headers.get('Min-Expires'), minExpires > 0 ? '60' : undefined);
  }
  await under.bench.close();
});

test('DENY-19 REG-07 while auth or the registrar is away phones are asked to come back, not all in one second', async () => {
  const under = new Bench();
  under.answer = () => Promise.reject(new Error('away'));
  const seconds = new Set<string>();
  for (let cseq = 1; cseq <= 40; cseq++) {
    const [response] = await under.send({ cseq, branch: `z9hG4bKs${String(cseq)}` });
    assert.equal(response?.status, 503);
    seconds.add(response.headers.get('Retry-After') ?? '');
  }
  assert.ok(seconds.size > 3, [...seconds].join(' '));
  assert.ok([...seconds].every((text) => Number(text) >= 5 && Number(text) <= 10));
  under.bench.authenticate = () => Promise.reject(new Error('away'));
  const [response] = await under.send({ cseq: 50 });
  assert.equal(response?.status, 503);
  await under.bench.close();
});

test('REG-01 a repetition is answered once while the first is under way, and again afterwards', async () => {
  const under = new Bench();
  const { answer } = under;
  let release: () => void = () => undefined;
  const waited = new Promise<void>((resolve) => {
    release = resolve;
  });
  under.answer = async (request) => {
    await waited;
    return answer(request);
  };
  assert.equal((await under.send()).length, 0);
  assert.equal((await under.send()).length, 0);
  assert.equal(under.asked.length, 1);
  release();
  await under.bench.settle(50);
  const [again] = await under.send();
  assert.equal(again?.status, 200);
  assert.equal(under.asked.length, 2);
  await under.bench.close();
});

test('REG-01 contacts are read with their parameters, a list of them, *, and what cannot be read is as if it were not there', async () => {
  const under = new Bench();
  const [response] = await under.send({
    more: [
      `Contact: "A" <sip:a@10.0.0.2>;expires=90;q=0.5;+sip.instance="${INSTANCE}";reg-id=1, <sip:b@10.0.0.2;transport=tcp>;expires=x;q=7`,
      'Expires: soon',
      'Supported: path, Outbound',
    ],
  });
  assert.deepEqual(under.asked[0]?.contacts, [
    { uri: 'sip:a@10.0.0.2', expires: 90, q: 500, instance: INSTANCE, regId: 1 },
    {
      uri: 'sip:b@10.0.0.2;transport=tcp',
      expires: undefined,
      q: undefined,
      instance: '',
      regId: 0,
    },
  ]);
  assert.deepEqual([under.asked[0].expires, under.asked[0].isOutbound], [undefined, true]);
  assert.deepEqual(response?.headers.getAll('Contact'), [
    `<sip:a@10.0.0.2>;expires=540;q=0.5;+sip.instance="${INSTANCE}";reg-id=1`,
    '<sip:b@10.0.0.2;transport=tcp>;expires=540',
  ]);
  // RFC 5626 §6.
  assert.equal(response.headers.get('Require'), 'outbound');
  await under.send({ cseq: 2, more: ['Contact: *', 'Expires: 0'] });
  assert.deepEqual(
    [under.asked[1]?.isStar, under.asked[1]?.contacts, under.asked[1]?.expires],
    [true, [], 0],
  );
  await under.bench.close();
});

test('REG-01 Path is kept and told, may be required; outbound needs a first hop that knows it', async () => {
  const under = new Bench();
  const contact = `Contact: <sip:a@10.0.0.2>;+sip.instance="${INSTANCE}";reg-id=1`;
  const path = '<sip:192.0.2.99;lr>, <sip:192.0.2.98;lr;ob>';
  const [response] = await under.send({
    more: [contact, `Path: ${path}`, 'Supported: path, outbound', 'Require: path'],
  });
  assert.deepEqual(under.asked[0]?.path, ['<sip:192.0.2.99;lr>', '<sip:192.0.2.98;lr;ob>']);
  assert.deepEqual(
    [response?.status, response?.headers.get('Path'), response?.headers.get('Require')],
    [200, path, 'outbound'],
  );
  const [plain] = await under.send({
    cseq: 2,
    more: [contact, 'Path: <sip:192.0.2.98;lr>', 'Supported: path, outbound'],
  });
  assert.deepEqual([under.asked[1]?.isOutbound, plain?.headers.has('Require')], [false, false]);
  const [wrong] = await under.send({ cseq: 3, more: [contact, 'Path: <none>'] });
  assert.equal(wrong?.status, 400);
  const [unknown] = await under.send({ cseq: 4, more: [contact, 'Require: sec-agree'] });
  assert.equal(unknown?.status, 420);
  await under.bench.close();
});

test('REG-01 without a registrar REGISTER is refused with 405; with one, Allow names it', async () => {
  const without = new EdgeBench();
  const refused = await without.until(without.alice.request('REGISTER', { to: EDGE }));
  assert.equal(refused.status, 405);
  await without.close();
  const { bench } = new Bench();
  const other = await bench.until(bench.alice.request('PUBLISH', { to: EDGE }));
  assert.match(other.headers.get('Allow') ?? '', /REGISTER$/);
  await bench.close();
});

test('REG-07 what is too much of one phone is refused before auth hears of it, each with a Retry-After of its own', async () => {
  const under = new Bench();
  const { bench } = under;
  for (let at = 0; at < 90; at++) {
    const lines = { branch: `z9hG4bKf${String(at)}`, cseq: at + 1 };
    bench.alice.sendRaw(registerText(lines), EDGE);
  }
  await bench.settle(50);
  const refused = bench.alice.transcript.lines.flatMap(({ message }) =>
    message.kind === 'response' && message.status === 503 ? [message] : [],
  );
  assert.deepEqual([refused.length, bench.asked.auth.length], [30, 60]);
  const told = refused.map(({ headers }) => Number(headers.get('Retry-After')));
  assert.ok(told.every((seconds) => seconds >= 20 && seconds <= 40));
  assert.ok(new Set(told).size > 5);
  await bench.close();
});

test('REG-11 what the edge refuses by itself is in the journal: for another phone, unreadable, not decided', async () => {
  const under = new Bench();
  await under.send({ to: '1002' });
  await under.send({
    branch: 'z9hG4bKr2',
    more: ['Path: no uri', 'Contact: <sip:1001@10.0.0.2:5062>'],
  });
  under.answer = () => Promise.reject(new Error('registrar is away'));
  await under.send({ branch: 'z9hG4bKr3' });
  const callId = 'r1@office.example';
  const about = { callId, source: '10.0.0.2:5062', userAgent: 'baresip v1.0.0' };
  const phone = { ...about, terminal: '1001', account: 'demo', sender: 'proved' };
  const [foreign, malformed, undecided] = under.notes;
  assert.deepEqual(foreign, { ...phone, cause: 'foreign-registration', facts: { for: '1002' } });
  assert.deepEqual([malformed?.cause, malformed?.terminal], ['malformed', '1001']);
  assert.deepEqual(undecided, {
    ...about,
    terminal: '1001',
    account: '',
    sender: 'unknown',
    cause: 'not-decided',
    facts: { fault: 'registrar is away' },
  });
  assert.equal(under.notes.length, 3);
});

test('REG-01 RFC 5627 who knows of GRUUs is told both of its device, and nobody else; each REGISTER gets another temporary one', async () => {
  const under = new Bench();
  const contact = `Contact: <sip:1001@10.0.0.2:5062>;+sip.instance="${INSTANCE}"`;
  const sent = async (cseq: number, ...supported: string[]) => {
    const more = [contact, 'Expires: 600', ...supported];
    const [response] = await under.send({ cseq, branch: `z9hG4bKg${String(cseq)}`, more });
    return parseNameAddr(response?.headers.get('Contact') ?? '').params;
  };
  assert.equal((await sent(1)).has('pub-gruu'), false);
  const first = await sent(2, 'Supported: path, gruu');
  const uuid = 'urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF';
  assert.equal(first.get('pub-gruu'), `sip:1001@office.example;gr=${uuid}`);
  const next = await sent(3, 'Supported: gruu');
  assert.match(String(next.get('temp-gruu')), /^sip:[\w-]+@office\.example;gr$/);
  assert.notEqual(next.get('temp-gruu'), first.get('temp-gruu'));
  await under.bench.close();
});
