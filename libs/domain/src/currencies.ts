/** Of `Nanos`. */
const MOST_DIGITS = 9;

/**
 * The currencies of ISO 4217 by their minor units: digits behind the point of the smallest amount that can be paid. A table of our
 * own, since Intl's digits are those of common use and change with each release of its data.
 */
const byMinorUnit: readonly (readonly [digits: number, codes: string])[] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [
    2,
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE ' +
      'CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD ' +
      'HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK ' +
      'MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD ' +
      'RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH ' +
      'USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG',
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
  // Withdrawn lately: accounts may still have some.
  [2, 'ANG BGN'],
];

const minorUnits: ReadonlyMap<string, number> = new Map(
  byMinorUnit.flatMap(([digits, codes]) => codes.split(' ').map((code) => [code, digits] as const)),
);

/** Whether a code is that of a currency that can be paid in: not gold, and not a code for tests. */
export function isCurrency(code: string): boolean {
  return minorUnits.has(code);
}

/** Digits behind the point of the smallest amount that can be paid; of a code that is none, as many as an amount may have. */
export function minorUnitOf(currency: string): number {
  return minorUnits.get(currency) ?? MOST_DIGITS;
}
