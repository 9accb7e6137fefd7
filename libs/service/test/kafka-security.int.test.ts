import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  callEventMessage,
  createKafkaConsumer,
  createKafkaPublisher,
  openJournal,
} from '@tandem/events';
import { CallEvent } from '@tandem/proto/events';
import { OwnKafka, SecuredKafka, TlsFiles, eventually, persistent } from '@tandem/testing';
import { createLogger, readKafkaSecurity } from '../src/index.ts';

const username = 'tandem';
const password = 'open-sesame+1/2';
const ends: (() => void)[] = [];
const files = new TlsFiles({ after: (end) => ends.push(end) });
const stranger = new TlsFiles({ after: (end) => ends.push(end) });
let secured: SecuredKafka;
let kafka: OwnKafka;
before(async () => {
  secured = await SecuredKafka.of(files, { username, password });
  kafka = await OwnKafka.start(secured);
});
after(async () => {
  await kafka.close();
  for (const end of ends) end();
});

const tls = () => ({ TANDEM_KAFKA_TLS: 'on', TANDEM_KAFKA_TLS_CA_FILE: files.caFile });
const named = (mechanism: string, text = password) => ({
  TANDEM_KAFKA_SASL: mechanism,
  TANDEM_KAFKA_USERNAME: username,
  TANDEM_KAFKA_PASSWORD_FILE: files.put(`password-${mechanism}`, `${text}\n`),
});
const identity = (from: TlsFiles) => {
  const certificate = from.write('client', from.issue({ domains: ['tandem'] }));
  return {
    TANDEM_KAFKA_TLS_CERT_FILE: certificate,
    TANDEM_KAFKA_TLS_KEY_FILE: certificate.replace(/\.crt$/, '.key'),
  };
};

interface Place {
  readonly brokers: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** A log, and its lines. */
function openLog() {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  return { lines, logger: createLogger('test', { destination }) };
}

let number = 0;
const nextEvent = () =>
  callEventMessage(
    CallEvent.create({
      eventId: `call.answered.${String(++number)}`,
      callId: 'call',
      type: 'answered',
      startedMs: 1,
    }),
  );

/** Whether an event gets through, what the publisher fails with otherwise, and what stands in the log. */
async function publish({ brokers, env }: Place) {
  const { lines, logger } = openLog();
  const security = readKafkaSecurity(env);
  const publisher = createKafkaPublisher({
    brokers,
    security,
    clientId: 'test',
    probeMs: 20,
    logger,
  });
  let failure = '';
  // A broker that has just begun, on a loaded machine, may be late rather than refuse.
  await eventually('it is taken, or told why not', async () => {
    failure = await publisher.publish([nextEvent()]).then(() => '', String);
    return !failure.includes('Kafka does not take events') && !failure.includes('Kafka is away');
  });
  await publisher.close();
  return { failure, lines };
}

for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512']) {
  test(`OPS-07 events are published, and read, over TLS with a name and a password by ${mechanism}`, async () => {
    const { logger } = openLog();
    const brokers = secured.saslTls;
    const security = readKafkaSecurity({ ...tls(), ...named(mechanism) });
    const options = { brokers, security, clientId: 'test', topic: `named-${mechanism}`, logger };
    const publisher = persistent(createKafkaPublisher(options));
    const sent = nextEvent();
    await publisher.publish([sent]);
    await publisher.close();
    const consumer = createKafkaConsumer({ ...options, group: mechanism, maxWaitMs: 20 });
    const read: string[] = [];
    void consumer.run({
      handle: (events) => {
        read.push(...events.map(({ head }) => head.eventId));
        return Promise.resolve();
      },
    });
    await eventually('it is read', () => read.length > 0);
    await consumer.close();
    assert.deepEqual(new Set(read), new Set([`call.answered.${String(number)}`]));
  });
}

test('OPS-07 events are published with a certificate of the client’s, and with a name in plain text by SCRAM', async () => {
  const shown = { brokers: secured.mutualTls, env: { ...tls(), ...identity(files) } };
  assert.equal((await publish(shown)).failure, '');
  const plain = { brokers: secured.sasl, env: named('scram-sha-512') };
  assert.equal((await publish(plain)).failure, '');
});

const refusals: readonly {
  readonly what: string;
  readonly place: () => Place;
  readonly says: RegExp;
}[] = [
  {
    what: 'a wrong password',
    place: () => ({ brokers: secured.saslTls, env: { ...tls(), ...named('scram-sha-512', 'no') } }),
    says: /Kafka at 127\.0\.0\.1:\d+ refuses user tandem by scram-sha-512: check TANDEM_KAFKA_USERNAME, and the password in \S+password-scram-sha-512 \(TANDEM_KAFKA_PASSWORD_FILE\)/,
  },
  {
    what: 'a wrong password by PLAIN',
    place: () => ({ brokers: secured.saslTls, env: { ...tls(), ...named('plain', 'no') } }),
    says: /refuses user tandem by plain: check TANDEM_KAFKA_USERNAME/,
  },
  {
    what: 'an authority that is not the brokers’',
    place: () => ({
      brokers: secured.saslTls,
      env: { ...tls(), ...named('plain'), TANDEM_KAFKA_TLS_CA_FILE: stranger.caFile },
    }),
    says: /127\.0\.0\.1:\d+ shows a certificate that is not trusted \(\w+\): name the file of its authority in TANDEM_KAFKA_TLS_CA_FILE/,
  },
  {
    what: 'TLS where there is none',
    place: () => ({ brokers: kafka.brokers, env: tls() }),
    says: /check that the port is one with TLS|does not speak TLS there/,
  },
  {
    what: 'no TLS where there is',
    place: () => ({ brokers: secured.saslTls, env: {} }),
    says: /its listener may ask for TLS \(TANDEM_KAFKA_TLS\) or credentials/,
  },
  {
    what: 'no name where one is asked for',
    place: () => ({ brokers: secured.sasl, env: {} }),
    says: /its listener may ask for TLS \(TANDEM_KAFKA_TLS\) or credentials \(TANDEM_KAFKA_SASL\)/,
  },
  {
    what: 'no certificate where one is asked for',
    place: () => ({ brokers: secured.mutualTls, env: tls() }),
    says: /TANDEM_KAFKA_TLS_CERT_FILE/,
  },
];

for (const { what, place, says } of refusals) {
  test(`OPS-05 ${what} is told with place and remedy, in the failure and in the log`, async () => {
    const { failure, lines } = await publish(place());
    assert.match(failure, says);
    assert.ok(
      lines.some((line) => says.test((JSON.parse(line) as { readonly why?: string }).why ?? '')),
      lines.join(''),
    );
    assert.ok(!lines.join('').includes(password));
  });
}

test('OPS-07 a password that was changed in its file is used without a restart', async () => {
  const { logger, lines } = openLog();
  const env = { ...tls(), ...named('scram-sha-256', 'no longer') };
  const journal = openJournal({
    brokers: secured.saslTls,
    security: readKafkaSecurity(env),
    logger,
  });
  const publisher = createKafkaPublisher({
    brokers: secured.saslTls,
    security: readKafkaSecurity(env),
    clientId: 'test',
    probeMs: 20,
    logger,
  });
  await eventually('it is refused', () =>
    publisher.publish([nextEvent()]).then(
      () => false,
      (error: unknown) => String(error).includes('refuses user'),
    ),
  );
  named('scram-sha-256');
  await eventually('it is published', () =>
    publisher.publish([nextEvent()]).then(
      () => true,
      () => false,
    ),
  );
  await publisher.close();
  await journal.close();
  assert.ok(lines.some((line) => line.includes('events are published again')));
});
