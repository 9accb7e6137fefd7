import { SwitchError } from '@tandem/domain';
import { AuthServiceService } from '@tandem/proto/auth';
import { BillingServiceService } from '@tandem/proto/billing';
import { EdgeServiceService } from '@tandem/proto/edge';
import { RoutingServiceService } from '@tandem/proto/routing';
import { unaryClient, type GrpcTls } from '@tandem/service';
import type { ServicePorts } from '../ports.ts';

/** Where the other services are reached, as host:port. */
export interface ServiceAddresses {
  readonly auth: string;
  readonly routing: string;
  readonly billing: string;
  readonly edge: string;
}

/** Ports over gRPC. An operator waits longer than a call may: 5 s. */
export function openGrpcPorts(
  addresses: ServiceAddresses,
  tls?: GrpcTls,
): ServicePorts & { close(): void } {
  const settings = { deadlineMs: 5000, tls };
  const auth = unaryClient(AuthServiceService, addresses.auth, settings);
  const routing = unaryClient(RoutingServiceService, addresses.routing, settings);
  const billing = unaryClient(BillingServiceService, addresses.billing, settings);
  const edge = unaryClient(EdgeServiceService, addresses.edge, settings);
  const at = (name: keyof ServiceAddresses): string => `${name} at ${addresses[name]}`;
  return {
    auth: {
      listSuspensions: (request) => inWords(at('auth'), auth.listSuspensions(request)),
      liftSuspension: (request) => inWords(at('auth'), auth.liftSuspension(request)),
    },
    routing: {
      analyse: (request) => inWords(at('routing'), routing.analyse(request)),
      listLines: (request) => inWords(at('routing'), routing.listLines(request)),
    },
    billing: {
      listCdrs: (request) => inWords(at('billing'), billing.listCdrs(request)),
      getCdr: (request) => inWords(at('billing'), billing.getCdr(request)),
      listBalances: (request) => inWords(at('billing'), billing.listBalances(request)),
      bookPayment: (request) => inWords(at('billing'), billing.bookPayment(request)),
      listReconciliations: (request) =>
        inWords(at('billing'), billing.listReconciliations(request)),
    },
    edge: {
      listCalls: (request) => inWords(at('edge'), edge.listCalls(request)),
      getCall: (request) => inWords(at('edge'), edge.getCall(request)),
      getStatus: (request) => inWords(at('edge'), edge.getStatus(request)),
      listPods: (request) => inWords(at('edge'), edge.listPods(request)),
      testNetwork: (request) => inWords(at('edge'), edge.testNetwork(request)),
    },
    close: () => {
      for (const client of [auth, routing, billing, edge]) client.close();
    },
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
