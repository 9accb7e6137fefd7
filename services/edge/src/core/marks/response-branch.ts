const RESPONSE = 'SIP/2.0 ';
const BRANCH = Buffer.from('branch=z9hG4bK');
const PARAMETER_BYTES = 'branch='.length;
/** Characters of a branch that names its call: `markedBranch` writes it. */
const BRANCH_CHARACTERS = 35;
const TOKEN_CHARACTER = /[\w.!%*+`'~-]/;

/**
 * The branch of the topmost Via of a response to an INVITE of ours, as far as it can be seen without reading the message: a hint
 * for who has its call, the form and MAC of which are still to be checked. Undefined in anything else.
 */
export function responseBranch(bytes: Buffer): string | undefined {
  if (bytes.toString('latin1', 0, RESPONSE.length) !== RESPONSE) return undefined;
  const at = bytes.indexOf(BRANCH);
  if (at < 0) return undefined;
  const start = at + PARAMETER_BYTES;
  const text = bytes.toString('latin1', start, start + BRANCH_CHARACTERS + 1);
  const isLonger = TOKEN_CHARACTER.test(text.charAt(BRANCH_CHARACTERS));
  return isLonger ? undefined : text.slice(0, BRANCH_CHARACTERS);
}
