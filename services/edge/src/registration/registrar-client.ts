import type {
  EndFlowsRequest,
  EndFlowsResponse,
  KeepalivesRequest,
  KeepalivesResponse,
  RegisterRequest,
  RegisterResponse,
} from '@tandem/proto/registrar';

/** Holds the bindings of phones. Its methods throw SwitchError where it does not answer. */
export interface RegistrarClient {
  /** Does what a REGISTER asks for. What it answers is kept, whatever becomes of this pod; else the phone is to come again. */
  register(request: RegisterRequest): Promise<RegisterResponse>;
  /** REG-04: tells what became of keep-alives, and takes those that are due, which no other pod gets. */
  keepalives(request: KeepalivesRequest): Promise<KeepalivesResponse>;
  /** Connections of phones are gone: what was bound to them ends. */
  endFlows(request: EndFlowsRequest): Promise<EndFlowsResponse>;
  /** Waits until the service is heard of. @returns whether it was within the time. @default it is in this process */
  untilUp?(timeoutMs: number): Promise<boolean>;
}
