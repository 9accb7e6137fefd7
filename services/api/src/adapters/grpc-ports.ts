import { SwitchError } from '@tandem/domain';
import { AuthServiceService } from '@tandem/proto/auth';
import { BillingServiceService } from '@tandem/proto/billing';
import { EdgeServiceService } from '@tandem/proto/edge';
import { JournalServiceService } from '@tandem/proto/journal';
import { RegistrarServiceService } from '@tandem/proto/registrar';
import { RoutingServiceService } from '@tandem/proto/routing';
import { unaryClient, type GrpcTls, type ServiceShape } from '@tandem/service';
import type {
  AuthPort,
  BillingPort,
  EdgePort,
  JournalPort,
  RegistrarPort,
  RoutingPort,
  ServicePorts,
} from '../ports.ts';

/** Where the other services are reached, as host:port; undefined: in the same process. */
export type ServiceAddresses = { readonly [Name in keyof ServicePorts]?: string | undefined };

/** Those of the ports that have an address, over gRPC. */
export type GrpcPorts = Partial<ServicePorts> & { close(): void };

/** An operator waits longer than a call may. */
const DEADLINE_MS = 5000;

/** Ports over gRPC, of each service whose address is given. */
export function openGrpcPorts(addresses: ServiceAddresses, tls?: GrpcTls): GrpcPorts {
  const clients: { close(): void }[] = [];
  const open = <Shape extends ServiceShape, Port>(
    name: keyof ServicePorts,
    shape: Shape,
    portOf: (client: UnaryClient<Shape>, at: string) => Port,
  ): Port | undefined => {
    const address = addresses[name];
    if (address === undefined) return undefined;
    const client = unaryClient(shape, address, { deadlineMs: DEADLINE_MS, tls });
    clients.push(client);
    return portOf(client, `${name} at ${address}`);
  };
  const auth = open('auth', AuthServiceService, authPort);
  const routing = open('routing', RoutingServiceService, routingPort);
  const registrar = open('registrar', RegistrarServiceService, registrarPort);
  const billing = open('billing', BillingServiceService, billingPort);
  const journal = open('journal', JournalServiceService, journalPort);
  const edge = open('edge', EdgeServiceService, edgePort);
  return {
    ...(auth === undefined ? {} : { auth }),
    ...(routing === undefined ? {} : { routing }),
    ...(registrar === undefined ? {} : { registrar }),
    ...(billing === undefined ? {} : { billing }),
    ...(journal === undefined ? {} : { journal }),
    ...(edge === undefined ? {} : { edge }),
    close: () => {
      for (const client of clients) client.close();
    },
  };
}

type UnaryClient<Shape extends ServiceShape> = ReturnType<typeof unaryClient<Shape>>;

function authPort(auth: UnaryClient<typeof AuthServiceService>, at: string): AuthPort {
  return {
    listSuspensions: (request) => inWords(at, auth.listSuspensions(request)),
    liftSuspension: (request) => inWords(at, auth.liftSuspension(request)),
    listBlacklist: (request) => inWords(at, auth.listBlacklist(request)),
    addToBlacklist: (request) => inWords(at, auth.addToBlacklist(request)),
    liftFromBlacklist: (request) => inWords(at, auth.liftFromBlacklist(request)),
    listAuthenticationFailures: (request) => inWords(at, auth.listAuthenticationFailures(request)),
  };
}

function routingPort(routing: UnaryClient<typeof RoutingServiceService>, at: string): RoutingPort {
  return {
    analyse: (request) => inWords(at, routing.analyse(request)),
    replay: (request) => inWords(at, routing.replay(request)),
    listLines: (request) => inWords(at, routing.listLines(request)),
    listRests: (request) => inWords(at, routing.listRests(request)),
    endRest: (request) => inWords(at, routing.endRest(request)),
    listGateways: (request) => inWords(at, routing.listGateways(request)),
    listCheckTargets: (request) => inWords(at, routing.listCheckTargets(request)),
  };
}

function registrarPort(
  registrar: UnaryClient<typeof RegistrarServiceService>,
  at: string,
): RegistrarPort {
  return {
    listRegistrations: (request) => inWords(at, registrar.listRegistrations(request)),
    removeRegistrations: (request) => inWords(at, registrar.removeRegistrations(request)),
    listOutbound: (request) => inWords(at, registrar.listOutbound(request)),
    retryOutbound: (request) => inWords(at, registrar.retryOutbound(request)),
  };
}

function billingPort(billing: UnaryClient<typeof BillingServiceService>, at: string): BillingPort {
  return {
    listCdrs: (request) => inWords(at, billing.listCdrs(request)),
    getCdr: (request) => inWords(at, billing.getCdr(request)),
    listBalances: (request) => inWords(at, billing.listBalances(request)),
    bookPayment: (request) => inWords(at, billing.bookPayment(request)),
    listPayments: (request) => inWords(at, billing.listPayments(request)),
    getStatement: (request) => inWords(at, billing.getStatement(request)),
    listReconciliations: (request) => inWords(at, billing.listReconciliations(request)),
    exportCdrs: (request) => inWords(at, billing.exportCdrs(request)),
    analyseCalls: (request) => inWords(at, billing.analyseCalls(request)),
    draftInvoice: (request) => inWords(at, billing.draftInvoice(request)),
    draftCreditNote: (request) => inWords(at, billing.draftCreditNote(request)),
    issueInvoice: (request) => inWords(at, billing.issueInvoice(request)),
    discardInvoice: (request) => inWords(at, billing.discardInvoice(request)),
    listInvoices: (request) => inWords(at, billing.listInvoices(request)),
    getInvoice: (request) => inWords(at, billing.getInvoice(request)),
    createDispute: (request) => inWords(at, billing.createDispute(request)),
    addDisputeCalls: (request) => inWords(at, billing.addDisputeCalls(request)),
    compareDispute: (request) => inWords(at, billing.compareDispute(request)),
    removeDispute: (request) => inWords(at, billing.removeDispute(request)),
    listDisputes: (request) => inWords(at, billing.listDisputes(request)),
    getDispute: (request) => inWords(at, billing.getDispute(request)),
    listDisputeDifferences: (request) => inWords(at, billing.listDisputeDifferences(request)),
    createRerating: (request) => inWords(at, billing.createRerating(request)),
    getRerating: (request) => inWords(at, billing.getRerating(request)),
    listReratings: (request) => inWords(at, billing.listReratings(request)),
    listReratingLines: (request) => inWords(at, billing.listReratingLines(request)),
    applyRerating: (request) => inWords(at, billing.applyRerating(request)),
    cancelRerating: (request) => inWords(at, billing.cancelRerating(request)),
    getLag: (request) => inWords(at, billing.getLag(request)),
  };
}

function journalPort(journal: UnaryClient<typeof JournalServiceService>, at: string): JournalPort {
  return {
    listEntries: (request) => inWords(at, journal.listEntries(request)),
    registrationHistory: (request) => inWords(at, journal.registrationHistory(request)),
    registrationAnalysis: (request) => inWords(at, journal.registrationAnalysis(request)),
    listMessages: (request) => inWords(at, journal.listMessages(request)),
    createTrace: (request) => inWords(at, journal.createTrace(request)),
    listTraces: (request) => inWords(at, journal.listTraces(request)),
    endTrace: (request) => inWords(at, journal.endTrace(request)),
    readTrace: (request) => inWords(at, journal.readTrace(request)),
  };
}

function edgePort(edge: UnaryClient<typeof EdgeServiceService>, at: string): EdgePort {
  return {
    listCalls: (request) => inWords(at, edge.listCalls(request)),
    getCall: (request) => inWords(at, edge.getCall(request)),
    hangUp: (request) => inWords(at, edge.hangUp(request)),
    getStatus: (request) => inWords(at, edge.getStatus(request)),
    listPods: (request) => inWords(at, edge.listPods(request)),
    testNetwork: (request) => inWords(at, edge.testNetwork(request)),
    testAddresses: (request) => inWords(at, edge.testAddresses(request)),
  };
}

/** What an operator reads of a failure: who did not answer, or the other service's own words. */
async function inWords<Answer>(who: string, answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (cause) {
    if (!(cause instanceof SwitchError)) throw cause;
    throw new SwitchError(cause.code, wordsOf(who, cause), { cause });
  }
}

function wordsOf(who: string, error: SwitchError): string {
  switch (error.code) {
    case 'SWITCH_SERVICE_UNAVAILABLE':
      return `${who} does not answer`;
    case 'SWITCH_DEADLINE_EXCEEDED':
      return `${who} did not answer in time`;
    default:
      return detailsOf(error.cause) ?? error.message;
  }
}

/** The text that the other service gave its gRPC status. */
function detailsOf(cause: unknown): string | undefined {
  const hasDetails = cause instanceof Error && 'details' in cause;
  return hasDetails && typeof cause.details === 'string' ? cause.details : undefined;
}
