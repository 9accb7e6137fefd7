import type { RegisterRequest, RegisterResponse } from '@tandem/proto/registrar';

/** Holds the bindings of phones. */
export interface RegistrarClient {
  /**
   * Does what a REGISTER asks for. What it answers is kept, whatever becomes of this pod.
   * @throws SwitchError where it does not answer: the phone is to come again
   */
  register(request: RegisterRequest): Promise<RegisterResponse>;
}
