export { registerOptions } from '../core/messages/register-response.ts';
export type { RegistrarClient } from './registrar-client.ts';
export { CarrierRegistrations } from './outbound/carrier-registrations.ts';
export type { CarrierSettings } from './outbound/carrier-registrations.ts';
export type { OutboundClient } from './outbound/outbound-client.ts';
export { Registrations } from './registrations.ts';
