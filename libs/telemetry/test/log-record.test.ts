import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeverityNumber } from '@opentelemetry/api';
import { logRecordOf } from '../src/otlp-logs.ts';

test('OPS-06 a line of the log becomes a record: message, severity, time, and its fields as attributes', () => {
  const line =
    '{"level":"warn","time":"2026-11-30T10:00:00.000Z","service":"edge","pid":7,"trace_id":"a","span_id":"b","callId":"c1","peer":{"port":5060},"msg":"attempt failed"}\n';
  assert.deepEqual(logRecordOf(line), {
    timestamp: new Date('2026-11-30T10:00:00.000Z'),
    severityNumber: SeverityNumber.WARN,
    severityText: 'WARN',
    body: 'attempt failed',
    attributes: { service: 'edge', pid: 7, callId: 'c1', peer: { port: 5060 } },
  });
});

test('OPS-06 an error is told as the conventions for exceptions have it', () => {
  const err = { type: 'SwitchError', message: 'away', stack: 'SwitchError: away', code: 'X' };
  assert.deepEqual(logRecordOf(JSON.stringify({ err, msg: 'failed' }))?.attributes, {
    'exception.type': 'SwitchError',
    'exception.message': 'away',
    'exception.stacktrace': 'SwitchError: away',
    'exception.fields': { code: 'X' },
  });
  const text = logRecordOf(JSON.stringify({ err: 'away' }));
  assert.deepEqual(text, { body: '', attributes: { 'exception.message': 'away' } });
});

test('OPS-06 what is no object in JSON is no record', () => {
  for (const line of ['', 'plain words', '7', 'null']) assert.equal(logRecordOf(line), undefined);
});
