import type { ReactElement } from 'react';
import type { PlainRequest } from '../api/client.ts';
import { download } from '../api/download.ts';
import { tellProblem } from './tell.ts';

interface CsvLinkProps {
  readonly path: string;
  readonly query?: PlainRequest['query'];
  readonly name: string;
}

/** Saves a whole list, as it is filtered, for a spreadsheet. */
export function CsvLink({ path, query, name }: CsvLinkProps): ReactElement {
  return (
    <button
      type="button"
      className="button quiet"
      onClick={() => {
        download(path, { ...query, format: 'csv' }, `${name}.csv`).catch((error: unknown) => {
          tellProblem('The list could not be saved', error);
        });
      }}
    >
      CSV
    </button>
  );
}
