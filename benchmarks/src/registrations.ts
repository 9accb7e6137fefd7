/**
 * CPU of a registration, all processes counted, beside Kamailio's registrar: phones refresh with a challenge and digest each time. Then
 * a storm of five times the rate, with calls in between. Tandem's bindings are in a Redis of the run's own; Kamailio's in its memory, and
 * in a second one in PostgreSQL as well. All are up at the same time and take turns.
 * usage: node src/registrations.ts [REGISTRATIONS_PER_SECOND] [SECONDS] [STORM_SECONDS] [PHONES]
 *   SHAPES=split,pod  which shapes of Tandem. default pod
 *   PROFILE=folder    has the services of Tandem write CPU profiles there at their end
 */
import { Carrier, demo, freePorts } from '@tandem/e2e';
import { OwnRedis } from '@tandem/testing';
import { load, quantile } from './call-load.ts';
import { endlessConfiguration, startTandem } from './call-subjects.ts';
import type { Layout, Subject } from './call-subjects.ts';
import { cpuTimeMs } from './cpu-time.ts';
import { startKamailioRegistrar } from './kamailio-registrar.ts';
import { RegisterLoad } from './register-load.ts';
import type { RegisterRun } from './register-load.ts';

const [rate = 200, seconds = 15, stormSeconds = 30, count = 3000] = process.argv
  .slice(2)
  .map(Number);
const layouts = (process.env['SHAPES'] ?? 'pod').split(',') as Layout[];
const STORM = 5;
const CALLS_A_SECOND = 10;
const WARM_UP_SECONDS = 15;

type Registrar = Pick<Subject, 'title' | 'sip' | 'own' | 'stores' | 'stop'>;

const names = Array.from({ length: count }, (_, at) => String(7_000_000 + at));
const [carrierPort = 0, other = 0, callerPort = 0] = await freePorts(3);
const document = endlessConfiguration({ carrier: carrierPort, other });
document.parameters['SS_ENDPOINT_EXPIRE_SPREAD'] = 0;
for (const username of names) {
  document.phones.push({ username, password: demo.password, account: demo.account });
}

function cpuOf({ own, stores }: Registrar): ReadonlyMap<string, number> {
  return new Map([...own, ...stores].map(([name, pid]) => [name, cpuTimeMs(pid)]));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function storesOf(subject: Subject): Registrar {
  // The others are idle while phones register, and are shared with whoever tests on this machine.
  const stores = new Map([...subject.stores].filter(([name]) => name === 'Redis'));
  return { ...subject, stores, stop: () => subject.stop() };
}

function answered(run: RegisterRun): string {
  const { begun, givenUp, refused, registered, repetitions, shed, timesMs } = run;
  const codes = [...refused].map(([code, times]) => `, ${String(code)}: ${String(times)}`).join('');
  const [median, late] = [0.5, 0.99].map((share) => quantile(timesMs, share).toFixed(0));
  return `${String(registered)} of ${String(begun)}${codes}; ${String(givenUp)} given up, ${String(shed)} shed, ${String(repetitions)} repetitions; ${median ?? ''} and ${late ?? ''} ms`;
}

const redis = await OwnRedis.start();
process.env['TANDEM_TEST_REDIS_URL'] = redis.url;
const carrier = await Carrier.start({ scenario: 'carrier-answers', port: carrierPort });
const subjects: Registrar[] = [];
const tandem: Subject[] = [];
try {
  for (const layout of layouts) {
    const profile = process.env['PROFILE'];
    const args = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
    const processes = layout === 'pod' ? ['pod'] : ['edge', 'auth', 'registrar'];
    const nodeArgs = Object.fromEntries(processes.map((name) => [name, args]));
    const ports = { carrier: carrierPort, other };
    const started = await startTandem(layout, ports, { nodeArgs }, document);
    tandem.push(started);
    subjects.push(storesOf(started));
  }
  subjects.push(await startKamailioRegistrar(true), await startKamailioRegistrar(false));
  const totals = new Map<string, number>();
  say(
    `| ${String(rate)} registrations/s for ${String(seconds)} s | CPU each, µs | of which | registered; median and 99 % |`,
  );
  say('| --- | ---: | --- | --- |');
  for (const subject of subjects) {
    const phones = await RegisterLoad.open(subject.sip, names);
    await phones.run(rate, WARM_UP_SECONDS);
    const before = cpuOf(subject);
    const run = await phones.run(rate, seconds);
    const after = cpuOf(subject);
    phones.close();
    const each = [...after].map(([name, ms]): [string, number] => [
      name,
      ((ms - (before.get(name) ?? 0)) * 1000) / Math.max(1, run.registered),
    ]);
    const total = each.reduce((sum, [, micros]) => sum + micros, 0);
    totals.set(subject.title, total);
    const parts = each.map(([name, micros]) => `${name} ${micros.toFixed(0)}`).join(', ');
    say(`| ${subject.title} | ${total.toFixed(0)} | ${parts} | ${answered(run)} |`);
  }
  for (const { title } of tandem) {
    for (const peer of ['Kamailio, memory', 'Kamailio, PostgreSQL']) {
      const ratio = (totals.get(title) ?? 0) / (totals.get(peer) ?? Number.NaN);
      say(`\n${title} ÷ ${peer}: **${ratio.toFixed(2)}**`);
    }
  }
  for (const subject of tandem) {
    const phones = await RegisterLoad.open(subject.sip, names);
    const calls = CALLS_A_SECOND * stormSeconds;
    const [run, called] = await Promise.all([
      phones.run(rate * STORM, stormSeconds),
      load(subject, { callerPort, rate: CALLS_A_SECOND, calls }),
    ]);
    phones.close();
    const late = quantile(called.answerTimesMs, 0.99).toFixed(0);
    say(
      `\n${subject.title}, a storm of ${String(rate * STORM)}/s for ${String(stormSeconds)} s: registered ${answered(run)}; ` +
        `calls answered ${String(called.successful)} of ${String(calls)}, 99 % within ${late} ms`,
    );
  }
} finally {
  for (const subject of subjects.toReversed()) await subject.stop();
  await carrier.stop();
  await redis.close();
}
