import { createSecretKey } from 'node:crypto';
import { Readable } from 'node:stream';
import { silentJournal } from '@tandem/events';
import { silentLogger } from '@tandem/service';
import { memoryAlarmStore } from '../adapters/memory-alarm-store.ts';
import { memoryAuditStore } from '../adapters/memory-audit-store.ts';
import { memoryConfigurationStore } from '../adapters/memory-configuration-store.ts';
import { memoryNumberListStore } from '../adapters/memory-number-list-store.ts';
import { memoryReplayStore } from '../adapters/memory-replay-store.ts';
import { memoryOperatorStore } from '../adapters/memory-operator-store.ts';
import type { ServicePorts } from '../ports.ts';
import type { RateSheets } from '../rate-ports.ts';
import { signInDefaults, SignIns } from '../sign-ins.ts';
import { buildServer } from './server.ts';

/** The OpenAPI description as text, as docs/openapi.json holds it. Nothing listens and nothing is stored. */
export async function openApiText(): Promise<string> {
  const store = memoryOperatorStore();
  const now = (): Date => new Date();
  const server = await buildServer({
    ports: nobody,
    operators: {
      store,
      audit: memoryAuditStore(),
      signIns: new SignIns({ store, settings: signInDefaults, journal: silentJournal, now }),
      openId: undefined,
      publicUrl: () => '',
      isSecure: () => false,
    },
    alarms: { store: memoryAlarmStore(), deliver: () => Promise.resolve('') },
    numberLists: memoryNumberListStore(),
    replays: memoryReplayStore(),
    rates: noRates,
    documents: {
      store: memoryConfigurationStore(),
      secretKey: createSecretKey(Buffer.alloc(32)),
    },
    token: { path: '', isRight: () => false },
    logger: silentLogger(),
  });
  const text = `${JSON.stringify(server.swagger(), undefined, 2)}\n`;
  await server.close();
  return text;
}

const away = (): Promise<never> => Promise.reject(new Error('only described, not served'));

const noRates: RateSheets = {
  group: away,
  groups: away,
  read: away,
  imports: away,
  import: away,
  mistakes: away,
  apply: away,
  discard: away,
  versions: away,
  rollBack: away,
  near: away,
  csv: () => Readable.from([]),
  changes: away,
};

const nobody: ServicePorts = {
  auth: {
    listSuspensions: away,
    liftSuspension: away,
    listBlacklist: away,
    addToBlacklist: away,
    liftFromBlacklist: away,
    listAuthenticationFailures: away,
  },
  routing: {
    analyse: away,
    replay: away,
    listLines: away,
    listRests: away,
    endRest: away,
    listGateways: away,
    listCheckTargets: away,
  },
  billing: {
    listCdrs: away,
    getCdr: away,
    listBalances: away,
    bookPayment: away,
    listPayments: away,
    getStatement: away,
    listReconciliations: away,
    getLag: away,
    exportCdrs: away,
    analyseCalls: away,
    draftInvoice: away,
    draftCreditNote: away,
    issueInvoice: away,
    discardInvoice: away,
    listInvoices: away,
    getInvoice: away,
    createDispute: away,
    addDisputeCalls: away,
    compareDispute: away,
    removeDispute: away,
    listDisputes: away,
    getDispute: away,
    listDisputeDifferences: away,
    createRerating: away,
    getRerating: away,
    listReratings: away,
    listReratingLines: away,
    applyRerating: away,
    cancelRerating: away,
  },
  edge: {
    listCalls: away,
    getCall: away,
    hangUp: away,
    getStatus: away,
    listPods: away,
    testNetwork: away,
    testAddresses: away,
  },
};
