import type { LocateRequest, LocateResponse } from '@tandem/proto/registrar';

/** Knows where phones are (ROUTE-01). */
export interface PhoneLocator {
  /** @throws SwitchError where it does not answer: the call is refused for now */
  locate(request: LocateRequest): Promise<LocateResponse>;
}
