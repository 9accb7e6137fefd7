/** Why nothing can be sent to an address of a gateway, for people. */
export const unreachable = {
  'no-address': 'this is no address',
  'no-listener': 'the switch listens by no such transport and IP version',
  'own-address': 'this is an address of the switch itself',
} as const;
