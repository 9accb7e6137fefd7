/** What a text in the search box may be: each guess is asked of the API, and what is found is shown. */

/** Where a text is looked for. */
export interface SearchPlan {
  readonly text: string;
  /** Where it may be a call's id, or a SIP Call-ID. */
  readonly isCallId: boolean;
  /** Where it may be a number, or the beginning of one. */
  readonly number: string | undefined;
  readonly address: string | undefined;
  /** Where it may be a name of something configured. */
  readonly name: string | undefined;
}

/** What a text may be; undefined where it is too short to ask. */
export function planSearch(input: string): SearchPlan | undefined {
  const text = input.trim();
  if (text.length < 2) return undefined;
  const digits = /^\+?[\d\s().-]+$/.test(text) ? text.replaceAll(/[^\d+]/g, '') : undefined;
  const isAddress = /^(\d{1,3}\.){3}\d{1,3}$/.test(text) || /^[0-9a-f]*:[0-9a-f:]+$/i.test(text);
  return {
    text,
    isCallId: text.length >= 8 && !/\s/.test(text) && !isAddress,
    number: !isAddress && digits !== undefined && digits.length >= 3 ? digits : undefined,
    address: isAddress ? text : undefined,
    name: !isAddress && /^[\w.-]+$/.test(text) ? text : undefined,
  };
}
