/**
 * What large configurations cost the memory of `make run`: RSS and heap after each step of applying, reading and
 * comparing a document of 2,000 gateways, 20,000 prefixes and 5,000 phones, and of going back to a small one.
 * usage: node src/configuration-memory.ts [GATEWAYS] [PREFIXES] [PHONES]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { configuration, freePort, startAllinone } from '@tandem/e2e';
import { largeConfiguration } from '@tandem/testing';
import { InspectedProcess } from './inspected-process.ts';

/** Every service has the version by then, and an idle process has had its chance to give back. */
const QUIET_MS = 12000;

const [gateways = 2000, prefixes = 20_000, phones = 5000] = process.argv.slice(2).map(Number);
const size = { gateways, prefixes, phones };
const document = largeConfiguration(size, 1);
const port = await freePort();
const running = await startAllinone({
  nodeArgs: { allinone: [`--inspect=127.0.0.1:${String(port)}`] },
});
const inspected = await InspectedProcess.connect(port);

async function show(step: string): Promise<void> {
  await sleep(QUIET_MS);
  const { rss, heapTotal, heapUsed, external } = await inspected.memory();
  const cells = [rss, heapTotal, heapUsed, external].map((bytes) =>
    String(Math.round(bytes / 1e6)).padStart(10),
  );
  process.stdout.write(`${step.padEnd(34)}${cells.join('')}\n`);
}

async function apply(text: string, query = ''): Promise<void> {
  const type = text.startsWith('{') ? 'application/json' : 'application/yaml';
  const { status, body } = await running.api.tryApply(text, type, query);
  if (status !== 200) throw new Error(`${String(status)} ${JSON.stringify(body)}`);
}

try {
  process.stdout.write(
    `document of ${(document.length / 1e6).toFixed(1)} MB: ${String(gateways)} gateways, ${String(prefixes)} prefixes, ${String(phones)} phones\n\n` +
      `${'MB'.padEnd(34)}${['rss', 'heap', 'used', 'external'].map((title) => title.padStart(10)).join('')}\n`,
  );
  await show('started');
  await apply(document);
  await show('applied');
  await apply(largeConfiguration(size, 2));
  await show('applied again, every gateway changed');
  await running.api.document();
  await show('read');
  await apply(largeConfiguration(size, 3), '?dryRun=true');
  await show('dry run');
  await inspected.collectGarbage();
  await show('garbage collected');
  await apply(JSON.stringify(configuration(5070, 5071)), '?allowRemoval=1000000');
  await show('three objects applied');
  await inspected.collectGarbage();
  await show('garbage collected');
} finally {
  inspected.close();
  await running.stop();
}
