import { useState, type ReactElement } from 'react';
import { pageKeys } from '../core/shortcuts.ts';
import { Dialog } from './dialog.tsx';
import { areKeysOn, setKeysOn } from './use-keys.ts';

/** Which keys do what, and whether single ones do. */
export function KeyHelp({ onClose }: { readonly onClose: () => void }): ReactElement {
  const [areOn, setOn] = useState(areKeysOn);
  return (
    <Dialog title="Keys" isOpen onClose={onClose}>
      <table>
        <caption className="sr-only">Keys</caption>
        <tbody>
          <Row keys={['Ctrl K', '/']} what="Search" />
          <Row keys={['?']} what="This" />
          <Row keys={['Esc']} what="Close what is open" />
          <Row keys={['↑', '↓']} what="From message to message of a ladder; through a menu" />
          {pageKeys.map(([key, path, page]) => (
            <Row key={path} keys={[`g ${key}`]} what={page} />
          ))}
        </tbody>
      </table>
      <label className="check">
        <input
          type="checkbox"
          checked={areOn}
          onChange={(event) => {
            setKeysOn(event.target.checked);
            setOn(event.target.checked);
          }}
        />
        single keys do something; Ctrl K always does
      </label>
    </Dialog>
  );
}

function Row({
  keys,
  what,
}: {
  readonly keys: readonly string[];
  readonly what: string;
}): ReactElement {
  return (
    <tr>
      <th scope="row">
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </th>
      <td>{what}</td>
    </tr>
  );
}
