export { registerOptions } from '../core/messages/register-response.ts';
export type { RegistrarClient } from './registrar-client.ts';
export { Registrations } from './registrations.ts';
