import type { TakeChecksRequest, TakeChecksResponse } from '@tandem/proto/health';

/** Says which gateways are to be checked, and is told what came of it (ROUTE-07). Rejects where it does not answer. */
export interface ChecksClient {
  takeChecks(request: TakeChecksRequest): Promise<TakeChecksResponse>;
}
