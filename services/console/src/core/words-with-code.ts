/** A part of a sentence: words, or what is to be typed as it stands. */
export interface Piece {
  readonly text: string;
  readonly isCode: boolean;
}

/** The parts of a sentence, with what stands in backticks apart; a backtick without its pair is one. */
export function pieces(sentence: string): readonly Piece[] {
  const parts = sentence.split(/`([^`]+)`/);
  return parts
    .map((text, index) => ({ text, isCode: index % 2 === 1 }))
    .filter(({ text }) => text !== '');
}
