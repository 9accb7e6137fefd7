/** The longest password that is hashed: more is no password but a load. */
const MOST = 256;

/** What makes a guesser's list short; compared without case, and without what is put behind a word. */
const COMMON =
  /^(?:password|passwort|administrator|welcome|qwertyuiop|letmein|changeme|tandem|telephone|iloveyou|monkey|dragon|football|baseball|master|sunshine|princess|superman)[\d\W_]*$/i;

/**
 * What is wrong with a password that somebody wants to have (NIST SP 800-63B §3.1.1.2: length and what is known to guessers, no
 * rules of which signs there must be).
 * @param minLength in characters
 * @param about names that it must not be made of
 * @returns undefined where nothing is
 */
export function passwordMistake(
  password: string,
  minLength: number,
  about: readonly string[],
): string | undefined {
  const length = Array.from(password).length;
  if (length < minLength) {
    return `has ${String(length)} characters, must have ${String(minLength)} or more: several words are easy to keep in mind`;
  }
  if (length > MOST) return `has ${String(length)} characters, must have at most ${String(MOST)}`;
  if (new Set(password).size < 5) return 'repeats few characters: use more different ones';
  if (COMMON.test(password)) return 'is one of those that guessers try first: take another one';
  const lower = password.toLowerCase();
  const name = about.find((each) => each.length >= 4 && lower.includes(each.toLowerCase()));
  if (name !== undefined) return `holds "${name}", which everybody knows: take another one`;
  if (isSequence(lower)) return 'is a sequence of the keyboard or alphabet: take another one';
  return undefined;
}

const SEQUENCES = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiopasdfghjklzxcvbnm'];

/** `abcdefgh1234` and the like: runs of four and more and nothing else. */
function isSequence(text: string): boolean {
  let rest = text;
  while (rest.length >= 4) {
    let run = rest.length;
    while (run >= 4 && !SEQUENCES.some((sequence) => sequence.includes(rest.slice(0, run)))) run--;
    if (run < 4) return false;
    rest = rest.slice(run);
  }
  return rest.length < 4;
}
