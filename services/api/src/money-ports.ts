import type {
  ApplyReratingRequest,
  CancelReratingRequest,
  CreateReratingRequest,
  GetReratingRequest,
  GetReratingResponse,
  ListReratingLinesRequest,
  ListReratingLinesResponse,
  ListReratingsRequest,
  ListReratingsResponse,
  Rerating,
  AddDisputeCallsRequest,
  AddDisputeCallsResponse,
  CompareDisputeRequest,
  DiscardInvoiceRequest,
  DiscardInvoiceResponse,
  Dispute,
  DraftCreditNoteRequest,
  DraftInvoiceRequest,
  GetDisputeRequest,
  GetDisputeResponse,
  GetInvoiceRequest,
  GetInvoiceResponse,
  Invoice,
  IssueInvoiceRequest,
  ListDisputeDifferencesRequest,
  ListDisputeDifferencesResponse,
  ListDisputesRequest,
  ListDisputesResponse,
  ListInvoicesRequest,
  ListInvoicesResponse,
  RemoveDisputeRequest,
  RemoveDisputeResponse,
} from '@tandem/proto/billing';

/** Invoices and credit notes, in billing. */
export interface InvoicePort {
  draftInvoice(request: DraftInvoiceRequest): Promise<Invoice>;
  draftCreditNote(request: DraftCreditNoteRequest): Promise<Invoice>;
  issueInvoice(request: IssueInvoiceRequest): Promise<Invoice>;
  discardInvoice(request: DiscardInvoiceRequest): Promise<DiscardInvoiceResponse>;
  listInvoices(request: ListInvoicesRequest): Promise<ListInvoicesResponse>;
  getInvoice(request: GetInvoiceRequest): Promise<GetInvoiceResponse>;
}

/** CDRs of others that are compared with ours, in billing. */
export interface DisputePort {
  createDispute(request: Dispute): Promise<Dispute>;
  addDisputeCalls(request: AddDisputeCallsRequest): Promise<AddDisputeCallsResponse>;
  compareDispute(request: CompareDisputeRequest): Promise<Dispute>;
  removeDispute(request: RemoveDisputeRequest): Promise<RemoveDisputeResponse>;
  listDisputes(request: ListDisputesRequest): Promise<ListDisputesResponse>;
  getDispute(request: GetDisputeRequest): Promise<GetDisputeResponse>;
  listDisputeDifferences(
    request: ListDisputeDifferencesRequest,
  ): Promise<ListDisputeDifferencesResponse>;
}

/** Calls that are rated once more, in billing. */
export interface ReratingPort {
  createRerating(request: CreateReratingRequest): Promise<Rerating>;
  getRerating(request: GetReratingRequest): Promise<GetReratingResponse>;
  listReratings(request: ListReratingsRequest): Promise<ListReratingsResponse>;
  listReratingLines(request: ListReratingLinesRequest): Promise<ListReratingLinesResponse>;
  applyRerating(request: ApplyReratingRequest): Promise<Rerating>;
  cancelRerating(request: CancelReratingRequest): Promise<Rerating>;
}
