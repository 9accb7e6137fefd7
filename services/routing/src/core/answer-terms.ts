import type { MappingGateway, RoutingGateway } from '@tandem/config';
import { AnswerTerms } from '@tandem/proto/routing';
import type { CodeMapping } from '@tandem/proto/routing';

/** How the answers of a gateway are read and told; undefined where they pass as they are. */
export function answerTermsOf(gateway: RoutingGateway): AnswerTerms | undefined {
  const { codeMap, provisional, q850, redirects } = gateway;
  const { ringing, progress, sdp } = provisional;
  const isPlain =
    codeMap.length === 0 &&
    !q850.readCode &&
    !q850.makeReason &&
    ringing === 180 &&
    progress === 183 &&
    sdp === 'pass' &&
    redirects === 'map';
  if (isPlain) return undefined;
  return AnswerTerms.fromPartial({
    codes: codeMap.map(mappingOf),
    readsCause: q850.readCode,
    causes: q850.causes.map(({ cause, to }) => mappingOf({ code: cause, to })),
    makesCause: q850.makeReason,
    ringing: ringing === 180 ? 0 : ringing,
    progress: progress === 183 ? 0 : progress,
    dropsEarlySdp: sdp === 'drop',
    redirects,
  });
}

/** How a mapping gateway is told that its call has failed; undefined where it is told as it is. */
export function callerAnswersOf({ codeMap, q850 }: MappingGateway): AnswerTerms | undefined {
  if (codeMap.length === 0 && !q850.makeReason) return undefined;
  return AnswerTerms.fromPartial({ codes: codeMap.map(mappingOf), makesCause: q850.makeReason });
}

function mappingOf(mapping: {
  readonly code: number;
  readonly to: number;
  readonly phrase?: string | undefined;
}): CodeMapping {
  return { from: mapping.code, to: mapping.to, phrase: mapping.phrase ?? '' };
}
