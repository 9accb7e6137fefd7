import type {
  ReportOutboundRequest,
  TakeOutboundRequest,
  TakeOutboundResponse,
} from '@tandem/proto/outbound';

/** Says what is to be registered with carriers, and is told what came of it (REG-08). Rejects where it does not answer. */
export interface OutboundClient {
  takeOutbound(request: TakeOutboundRequest): Promise<TakeOutboundResponse>;
  reportOutbound(request: ReportOutboundRequest): Promise<unknown>;
}
