import type { ListUnregisteredRequest, ListUnregisteredResponse } from '@tandem/proto/outbound';
import type { LocateRequest, LocateResponse } from '@tandem/proto/registrar';
import type { NameTarget, SipName } from '@tandem/sip-names';

/** Knows where phones are (ROUTE-01). */
export interface PhoneLocator {
  /** @throws SwitchError where it does not answer: the call is refused for now */
  locate(request: LocateRequest): Promise<LocateResponse>;
}

/** Knows which carriers do not have our registration (REG-08). */
export interface CarrierRegistrar {
  /** @throws SwitchError where it does not answer */
  listUnregistered(request: ListUnregisteredRequest): Promise<ListUnregisteredResponse>;
}

/** Knows what the names stand for that carriers send calls on to (CALL-02). */
export interface RedirectNames {
  /** Its last answer, or the first one, which is waited for; without servers where there is none in time. */
  find(name: NameTarget): Promise<SipName>;
}
