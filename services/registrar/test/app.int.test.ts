import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationSchema, memorySnapshots } from '@tandem/config';
import { silentJournal } from '@tandem/events';
import { RegistrarServiceService } from '@tandem/proto/registrar';
import type { RegistrarRequestItem, RegistrarResponseItem } from '@tandem/proto/registrar';
import { grpcStreams, openBatchStream, silentLogger, unaryClient } from '@tandem/service';
import { redisForTest, testRedisUrl } from '@tandem/testing';
import { createRegistrarApp } from '../src/app.ts';
import { requestOf } from './requests.ts';

const configuration = configurationSchema.parse({
  parameters: { SS_ENDPOINT_EXPIRE_SPREAD: 0, SERVER_REGISTRAR_MAX_BINDINGS: 100 },
  rateGroups: [{ name: 'standard', currency: 'USD' }],
  accounts: [{ name: 'demo', rateGroup: 'standard' }],
  phones: [{ username: '1001', password: 'p', account: 'demo' }],
});

test('REG-01 two registrars over gRPC and one Redis: what one has answered the other knows, whoever is first', async (t) => {
  const { prefix, close } = await redisForTest();
  t.after(close);
  const logger = silentLogger();
  const open = async () => {
    const snapshots = memorySnapshots();
    const config = {
      grpcListen: '127.0.0.1:0',
      redisUrl: testRedisUrl(),
      redisPrefix: prefix,
    };
    const app = createRegistrarApp(config, { logger, snapshots, journal: silentJournal });
    await app.start();
    t.after(() => app.stop());
    assert.equal(app.isReady(), false);
    snapshots.set(configuration);
    const address = `127.0.0.1:${String(app.grpcPort)}`;
    const stream = openBatchStream({
      name: 'registrar',
      open: grpcStreams(RegistrarServiceService.registrarStream, address),
      toItem: (id, request: NonNullable<RegistrarRequestItem['request']>) => ({ id, request }),
      fromItem: ({ response }: RegistrarResponseItem) => response,
      logger,
      deadlineMs: 30_000,
    });
    const client = unaryClient(RegistrarServiceService, address, { deadlineMs: 30_000 });
    t.after(() => {
      stream.close();
      client.close();
    });
    return { stream, client };
  };
  const [one, two] = [await open(), await open()];
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, at) =>
      (at % 2 === 0 ? one : two).stream.request({
        $case: 'register',
        value: requestOf({
          contacts: [`sip:1001@192.0.2.${String(at + 1)}`],
          sipCallId: `call-${String(at)}`,
          branch: String(at),
        }),
      }),
    ),
  );
  assert.ok(answers.every((answer) => answer?.$case === 'register'));
  for (const { client, stream } of [one, two]) {
    const located = await stream.request({
      $case: 'locate',
      value: { phone: '1001', traceParent: '', device: undefined },
    });
    assert.equal(located?.$case === 'locate' && located.value.bindings.length, 16);
    const list = await client.listRegistrations({
      filter: undefined,
      sort: '',
      limit: 0,
      cursor: '',
    });
    assert.deepEqual([list.registrations.length, list.total], [16, 1]);
  }
  const { removed } = await one.client.removeRegistrations({
    filter: undefined,
    contact: '',
    operator: 'test',
  });
  assert.equal(removed, 16);
});
