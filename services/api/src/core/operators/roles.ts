/** What operators may be (OPS-12). */
export const roles = ['administrator', 'operator', 'billing', 'read-only'] as const;

export type Role = (typeof roles)[number];

/** Who may do an operation: everybody without signing in, whoever is signed in, or these roles. */
export type Access = 'public' | 'signed-in' | readonly Role[];

const read: Access = roles;
const operate: Access = ['administrator', 'operator'];
const money: Access = ['administrator', 'billing'];
const trade: Access = ['administrator', 'operator', 'billing'];
const administer: Access = ['administrator'];

/**
 * Who may do what: every operation of the API stands here once, by its id in the OpenAPI description. The server does not
 * start where one is missing, so nothing is open by having been forgotten.
 */
export const operationAccess: Readonly<Record<string, Access>> = {
  getSignIn: 'public',
  signIn: 'public',
  signInByLink: 'public',
  signInByOpenId: 'public',
  finishOpenId: 'public',
  getSession: 'signed-in',
  signOut: 'signed-in',
  changePassword: 'signed-in',
  listSessions: 'signed-in',
  endSession: 'signed-in',
  listTokens: 'signed-in',
  createToken: 'signed-in',
  revokeToken: 'signed-in',
  listUsers: administer,
  createUser: administer,
  getUser: administer,
  changeUser: administer,
  removeUser: administer,
  unlockUser: administer,
  createSignInLink: administer,
  listAudit: administer,

  // Rates are in the document: who applies it whole decides on all of it.
  getConfiguration: read,
  putConfiguration: administer,
  applyConfiguration: administer,
  listConfigurationVersions: read,
  getConfigurationVersion: read,
  rollBackConfiguration: administer,
  listParameters: read,
  getParameter: read,
  setParameter: operate,
  resetParameter: operate,
  listNumberLists: read,
  importNumberList: operate,
  changeNumberList: operate,
  exportNumberList: read,
  matchNumberList: read,
  listNumberListVersions: read,
  rollBackNumberList: operate,
  importRates: money,
  listRateImports: read,
  getRateImport: read,
  listRateChanges: read,
  listBadRateLines: read,
  applyRateImport: money,
  discardRateImport: money,
  exportRates: read,
  listRateSheetVersions: read,
  rollBackRates: money,

  listCdrs: read,
  getCdr: read,
  exportCdrs: read,
  analyseCalls: read,
  summariseCalls: read,
  listCalls: read,
  getCall: read,
  hangUpCall: operate,
  findToExplain: read,
  explainCall: read,
  explainRegistration: read,
  analyseRoute: read,
  analyseRoutes: read,
  createReplay: trade,
  putReplayCalls: trade,
  listReplays: read,
  getReplay: read,
  removeReplay: trade,
  listCallMessages: read,
  listRegistrationMessages: read,
  createTrace: operate,
  listTraces: read,
  readTrace: read,
  endTrace: operate,

  listAccounts: read,
  getAccount: read,
  bookPayment: money,
  listPayments: read,
  getStatement: read,
  listReconciliations: read,
  listInvoices: read,
  getInvoice: read,
  draftInvoice: money,
  draftCreditNote: money,
  issueInvoice: money,
  discardInvoice: money,
  listDisputes: read,
  getDispute: read,
  listDisputeDifferences: read,
  createDispute: money,
  compareDispute: money,
  removeDispute: money,
  listReratings: read,
  getRerating: read,
  listReratingLines: read,
  createRerating: money,
  applyRerating: money,
  reverseRerating: money,
  cancelRerating: money,

  listGateways: read,
  getGateway: read,
  testGateway: operate,
  listGatewayRests: read,
  endGatewayRest: operate,
  listSuspensions: read,
  liftSuspension: operate,
  listRegistrations: read,
  removeRegistrations: operate,
  registrationHistory: read,
  registrationAnalysis: read,
  listOutboundRegistrations: read,
  retryOutboundRegistration: operate,
  listJournal: read,
  listBlacklist: read,
  addToBlacklist: operate,
  liftFromBlacklist: operate,
  listAuthenticationFailures: read,
  listLines: read,
  getStatus: read,
  listPods: read,
  testNetwork: operate,
  live: read,
  listAlarms: read,
  getAlarm: read,
  acknowledgeAlarm: trade,
  listAlarmRules: read,
  listAlarmChannels: read,
  testAlarmChannel: operate,
};

/** Who changes the entries of a list of the configuration; what is not here, `operate`. */
const entryAccess: Readonly<Record<string, Access>> = {
  RateGroup: money,
  Account: trade,
  InvoiceIssuer: money,
};

/** Who may do an operation; undefined where nobody has said so. */
export function accessOf(operation: string): Access | undefined {
  if (Object.hasOwn(operationAccess, operation)) return operationAccess[operation];
  const entry = /^(list|get|create|replace|change|remove)Configured(\w+)$/.exec(operation);
  if (entry === null) return undefined;
  const [, verb, title = ''] = entry;
  return verb === 'list' || verb === 'get' ? read : (entryAccess[title] ?? operate);
}

/** Whether somebody of these roles may do an operation: each of them must allow it. */
export function isAllowed(access: Access, held: readonly Role[]): boolean {
  if (access === 'public') return true;
  if (access === 'signed-in') return held.length > 0;
  return held.length > 0 && held.every((role) => access.includes(role));
}

/** Whether who has a role may hand out another one: one that may do nothing more. */
export function covers(role: Role, other: Role): boolean {
  return role === other || role === 'administrator' || other === 'read-only';
}

/** `administrator or billing`, for a sentence. */
export function rolesIn(access: Access): string {
  return typeof access === 'string' ? access : access.join(' or ');
}
