/** Methods that the switch carries from one end of a dialog to the other; REFER where SS_SIP_RELAY_REFER says so. */
export const carriedMethods: ReadonlySet<string> = new Set([
  'INVITE',
  'ACK',
  'CANCEL',
  'BYE',
  'OPTIONS',
  'UPDATE',
  'PRACK',
  'INFO',
  'MESSAGE',
  'NOTIFY',
  'SUBSCRIBE',
  'REFER',
]);

/** What is taken out of a dialog: what a 405 names (RFC 3261 §21.4.6). */
export const TAKEN_METHODS = 'INVITE, ACK, CANCEL, OPTIONS';

/** What a call may be made and led with: what an OPTIONS is told (RFC 3261 §11.2). */
export const CALL_METHODS = 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO, NOTIFY';
