import assert from 'node:assert/strict';
import { STATUS_CODES } from 'node:http';
import { test } from 'node:test';
import { challengePhrases, refusals, requestRefusals } from '@tandem/domain';
import ts from 'typescript';
import { serviceSources } from './source-files.ts';

/** Phrases of failures as RFC 3261 §21 and HTTP have them, and our own. */
const phrases = new Set([
  ...Object.values(refusals).map(({ phrase }) => phrase),
  ...Object.values(requestRefusals).map(({ phrase }) => phrase),
  ...Object.values(challengePhrases),
  ...Object.entries(STATUS_CODES).flatMap(([code, phrase = '']) =>
    Number(code) >= 400 ? [phrase] : [],
  ),
  'Request Timeout',
  'Temporarily Unavailable',
  'Busy Here',
  'Request Terminated',
  'Not Acceptable Here',
  'Request Pending',
  'Server Internal Error',
  'Server Time-out',
  'Busy Everywhere',
  'Decline',
]);

/** What the API answers over HTTP: problems, no refusals of SIP. */
const HTTP_FOLDER = 'services/api/src/api/';

test('CALL-10 DENY-01 to DENY-19 no service but by the table of libs/domain says what a refusal looks like', () => {
  const found: string[] = [];
  for (const { file, nodes } of serviceSources()) {
    if (file.startsWith(HTTP_FOLDER)) continue;
    for (const node of nodes) {
      if (isPhrase(node) || isFailureBuilt(node)) {
        const line = ts.getLineAndCharacterOfPosition(node.getSourceFile(), node.getStart()).line;
        found.push(`${file}:${String(line + 1)} ${node.getText()}`);
      }
    }
  }
  assert.deepEqual(found, []);
});

function isPhrase(node: ts.Node): boolean {
  return ts.isStringLiteralLike(node) && phrases.has(node.text);
}

/** `new SipResponse(403, …)`, `responseTo(request, 403, …)` or `{ code: 403, phrase: … }`. */
function isFailureBuilt(node: ts.Node): boolean {
  if (ts.isNewExpression(node) || ts.isCallExpression(node)) {
    const isBuilder = /^(SipResponse|responseTo)$/.test(node.expression.getText());
    return isBuilder && (node.arguments ?? []).some(isFailureCode);
  }
  if (!ts.isObjectLiteralExpression(node)) return false;
  const named = new Map(node.properties.map((each) => [each.name?.getText(), each]));
  const code = named.get('code');
  return (
    named.has('phrase') &&
    code !== undefined &&
    ts.isPropertyAssignment(code) &&
    isFailureCode(code.initializer)
  );
}

function isFailureCode(node: ts.Node): boolean {
  return ts.isNumericLiteral(node) && Number(node.text) >= 400 && Number(node.text) < 700;
}
