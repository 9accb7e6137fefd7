/** What a replay plays calls by, beside the configuration in effect. */
export interface ReplayedDraft {
  readonly draftVersion: number | null;
  readonly rates: readonly { readonly group: string }[];
}

/** The draft in words: "version 7 with rates of standard". */
export function draftText({ draftVersion, rates }: ReplayedDraft): string {
  const document = draftVersion === null ? 'a document' : `version ${String(draftVersion)}`;
  if (rates.length === 0) return document;
  return `${document} with rates of ${rates.map(({ group }) => group).join(', ')}`;
}
