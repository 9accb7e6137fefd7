import { Fragment, type ReactElement } from 'react';
import { pieces } from '../core/words-with-code.ts';

/** A sentence of the switch: what stands in backticks in it, a command or a name, as code. */
export function Words({ children }: { readonly children: string }): ReactElement {
  return (
    <>
      {pieces(children).map(({ text, isCode }, index) =>
        // A sentence may say the same twice: its place is what tells them apart.
        isCode ? <code key={index}>{text}</code> : <Fragment key={index}>{text}</Fragment>,
      )}
    </>
  );
}
