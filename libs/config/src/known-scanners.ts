/**
 * How the User-Agents of programs begin that look for switches to be abused (AUTH-08), in small letters: SIPVicious and what was made
 * of it, sipcli, pplsip and others that operators see in their logs.
 */
export const knownScanners: readonly string[] = [
  'friendly-scanner',
  'friendly-request',
  'sipvicious',
  'sip-scan',
  'sipscan',
  'sundayddr',
  'iwar',
  'sipcli',
  'pplsip',
  'vaxsipuseragent',
  'vaxasip',
  'smap',
  'warvox',
  'siparmyknife',
];
