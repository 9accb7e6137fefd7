import type { Configuration } from '@tandem/config';
import type { NumberListContent } from '@tandem/domain';
import type {
  AddToBlacklistRequest,
  AddToBlacklistResponse,
  LiftFromBlacklistRequest,
  LiftFromBlacklistResponse,
  LiftSuspensionRequest,
  LiftSuspensionResponse,
  ListAuthenticationFailuresRequest,
  ListAuthenticationFailuresResponse,
  ListBlacklistRequest,
  ListBlacklistResponse,
  ListSuspensionsRequest,
  ListSuspensionsResponse,
} from '@tandem/proto/auth';
import type {
  AnalyseCallsRequest,
  AnalyseCallsResponse,
  BookPaymentRequest,
  BookPaymentResponse,
  ExportCdrsRequest,
  ExportCdrsResponse,
  GetCdrRequest,
  GetCdrResponse,
  GetLagRequest,
  GetLagResponse,
  GetStatementRequest,
  GetStatementResponse,
  ListBalancesRequest,
  ListBalancesResponse,
  ListCdrsRequest,
  ListCdrsResponse,
  ListPaymentsRequest,
  ListPaymentsResponse,
  ListReconciliationsRequest,
  ListReconciliationsResponse,
} from '@tandem/proto/billing';
import type { DisputePort, InvoicePort, ReratingPort } from './money-ports.ts';
import type {
  GetCallRequest,
  GetCallResponse,
  GetStatusRequest,
  GetStatusResponse,
  HangUpRequest,
  HangUpResponse,
  ListCallsRequest,
  ListCallsResponse,
  ListPodsRequest,
  ListPodsResponse,
  TestAddressesRequest,
  TestAddressesResponse,
  TestNetworkRequest,
  TestNetworkResponse,
} from '@tandem/proto/edge';
import type {
  ListCheckTargetsRequest,
  ListCheckTargetsResponse,
  ListGatewaysRequest,
  ListGatewaysResponse,
} from '@tandem/proto/health';
import type {
  ListEntriesRequest,
  ListEntriesResponse,
  RegistrationAnalysisRequest,
  RegistrationAnalysisResponse,
  RegistrationHistoryRequest,
  RegistrationHistoryResponse,
} from '@tandem/proto/journal';
import type {
  CreateTraceRequest,
  CreateTraceResponse,
  EndTraceRequest,
  EndTraceResponse,
  ListMessagesRequest,
  ListMessagesResponse,
  ListTracesRequest,
  ListTracesResponse,
  ReadTraceRequest,
  ReadTraceResponse,
} from '@tandem/proto/messages';
import type {
  ListOutboundRequest,
  ListOutboundResponse,
  RetryOutboundRequest,
  RetryOutboundResponse,
} from '@tandem/proto/outbound';
import type {
  ListRegistrationsRequest,
  ListRegistrationsResponse,
  RemoveRegistrationsRequest,
  RemoveRegistrationsResponse,
} from '@tandem/proto/registrar';
import type {
  AnalyseRequest,
  AnalyseResponse,
  EndRestRequest,
  EndRestResponse,
  ListLinesRequest,
  ListLinesResponse,
  ListRestsRequest,
  ListRestsResponse,
  ReplayRequest,
  ReplayResponse,
} from '@tandem/proto/routing';
import type { ApplyDecision, OpeningBalance, StoredConfiguration } from './core/prepare-version.ts';

/** Auth, as far as operators reach it. */
export interface AuthPort {
  listSuspensions(request: ListSuspensionsRequest): Promise<ListSuspensionsResponse>;
  liftSuspension(request: LiftSuspensionRequest): Promise<LiftSuspensionResponse>;
  listBlacklist(request: ListBlacklistRequest): Promise<ListBlacklistResponse>;
  addToBlacklist(request: AddToBlacklistRequest): Promise<AddToBlacklistResponse>;
  liftFromBlacklist(request: LiftFromBlacklistRequest): Promise<LiftFromBlacklistResponse>;
  listAuthenticationFailures(
    request: ListAuthenticationFailuresRequest,
  ): Promise<ListAuthenticationFailuresResponse>;
}

/** Routing, as far as operators reach it. */
export interface RoutingPort {
  analyse(request: AnalyseRequest): Promise<AnalyseResponse>;
  replay(request: ReplayRequest): Promise<ReplayResponse>;
  listLines(request: ListLinesRequest): Promise<ListLinesResponse>;
  listRests(request: ListRestsRequest): Promise<ListRestsResponse>;
  endRest(request: EndRestRequest): Promise<EndRestResponse>;
  listGateways(request: ListGatewaysRequest): Promise<ListGatewaysResponse>;
  listCheckTargets(request: ListCheckTargetsRequest): Promise<ListCheckTargetsResponse>;
}

/** The registrar, as far as operators reach it. */
export interface RegistrarPort {
  listRegistrations(request: ListRegistrationsRequest): Promise<ListRegistrationsResponse>;
  removeRegistrations(request: RemoveRegistrationsRequest): Promise<RemoveRegistrationsResponse>;
  listOutbound(request: ListOutboundRequest): Promise<ListOutboundResponse>;
  retryOutbound(request: RetryOutboundRequest): Promise<RetryOutboundResponse>;
}

/** Billing, as far as operators reach it. */
export interface BillingPort extends InvoicePort, DisputePort, ReratingPort {
  listCdrs(request: ListCdrsRequest): Promise<ListCdrsResponse>;
  getCdr(request: GetCdrRequest): Promise<GetCdrResponse>;
  listBalances(request: ListBalancesRequest): Promise<ListBalancesResponse>;
  bookPayment(request: BookPaymentRequest): Promise<BookPaymentResponse>;
  listPayments(request: ListPaymentsRequest): Promise<ListPaymentsResponse>;
  getStatement(request: GetStatementRequest): Promise<GetStatementResponse>;
  listReconciliations(request: ListReconciliationsRequest): Promise<ListReconciliationsResponse>;
  exportCdrs(request: ExportCdrsRequest): Promise<ExportCdrsResponse>;
  analyseCalls(request: AnalyseCallsRequest): Promise<AnalyseCallsResponse>;
  getLag(request: GetLagRequest): Promise<GetLagResponse>;
}

/** The journal. */
export interface JournalPort {
  listEntries(request: ListEntriesRequest): Promise<ListEntriesResponse>;
  registrationHistory(request: RegistrationHistoryRequest): Promise<RegistrationHistoryResponse>;
  registrationAnalysis(request: RegistrationAnalysisRequest): Promise<RegistrationAnalysisResponse>;
  listMessages(request: ListMessagesRequest): Promise<ListMessagesResponse>;
  createTrace(request: CreateTraceRequest): Promise<CreateTraceResponse>;
  listTraces(request: ListTracesRequest): Promise<ListTracesResponse>;
  endTrace(request: EndTraceRequest): Promise<EndTraceResponse>;
  readTrace(request: ReadTraceRequest): Promise<ReadTraceResponse>;
}

/** Any edge: it answers for all of them. */
export interface EdgePort {
  listCalls(request: ListCallsRequest): Promise<ListCallsResponse>;
  getCall(request: GetCallRequest): Promise<GetCallResponse>;
  hangUp(request: HangUpRequest): Promise<HangUpResponse>;
  getStatus(request: GetStatusRequest): Promise<GetStatusResponse>;
  listPods(request: ListPodsRequest): Promise<ListPodsResponse>;
  testNetwork(request: TestNetworkRequest): Promise<TestNetworkResponse>;
  testAddresses(request: TestAddressesRequest): Promise<TestAddressesResponse>;
}

/** What the api asks of the other services; each may be away, which is an error of that request only. */
export interface ServicePorts {
  readonly auth: AuthPort;
  readonly routing: RoutingPort;
  /** Not everybody has one. */
  readonly registrar?: RegistrarPort | undefined;
  readonly billing: BillingPort;
  /** Not everybody has one. */
  readonly journal?: JournalPort | undefined;
  readonly edge: EdgePort;
}

/** One version of the configuration, without the document. */
export interface VersionEntry {
  readonly version: number;
  readonly appliedAt: Date;
  readonly appliedBy: string;
  readonly note: string;
}

/** Decides inside the store's transaction; must have no effects of its own. */
export type Decide = (
  current: StoredConfiguration | undefined,
  openings: ReadonlyMap<string, OpeningBalance>,
) => ApplyDecision;

/** Who applies a configuration, and whether only to see what would happen. */
export interface ApplyContext {
  readonly appliedBy: string;
  readonly note: string;
  readonly isDryRun: boolean;
}

/** A version of what is in a list of numbers, without the numbers. */
export interface NumberListVersion {
  readonly list: string;
  readonly version: number;
  readonly importedAt: Date;
  readonly importedBy: string;
  readonly note: string;
  readonly numbers: number;
}

/** What is in the lists of numbers, by versions (ROUTE-10). The document says which lists there are. */
export interface NumberListStore {
  /** The newest version of each, by name. */
  list(): Promise<NumberListVersion[]>;
  /** Of one list, newest first. */
  versions(list: string): Promise<NumberListVersion[]>;
  /** What is in it; undefined where there is no such version. @param version the newest where it is not named */
  content(list: string, version?: number): Promise<NumberListContent | undefined>;
  /**
   * Reads, decides and stores in one transaction; concurrent calls for a list happen one after another.
   * @param decide must have no effects of its own; `version` is that of what is there, 0 before the first; undefined stores nothing
   * @returns the version that was stored
   */
  change(
    list: string,
    decide: (
      current: NumberListContent | undefined,
      version: number,
    ) => NumberListContent | undefined,
    context: Pick<ApplyContext, 'appliedBy' | 'note'>,
  ): Promise<number | undefined>;
}

/** The versions of the configuration. */
export interface ConfigurationStore {
  /** The version in effect, or undefined before the first. */
  current(): Promise<StoredConfiguration | undefined>;
  /** Newest first. */
  list(page: { limit: number; before?: number }): Promise<VersionEntry[]>;
  get(version: number): Promise<(VersionEntry & { configuration: Configuration }) | undefined>;
  /** Reads, decides and stores in one transaction; concurrent calls happen one after another. */
  apply(decide: Decide, context: ApplyContext): Promise<ApplyDecision>;
  /** Whether the document in effect takes so long to read that nobody should wait for it. */
  isLarge(): Promise<boolean>;
}
