import { callerAnswersOf, codeMappings } from '@tandem/config';
import type { MappingGateway, SlimRoutingGateway } from '@tandem/config';
import { AnswerTerms } from '@tandem/proto/routing';

/** How the answers of a gateway are read and told; undefined where they pass as they are. */
export function answerTermsOf(gateway: SlimRoutingGateway): AnswerTerms | undefined {
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
    codes: codeMappings(codeMap),
    readsCause: q850.readCode,
    causes: codeMappings(q850.causes.map(({ cause: code, to }) => ({ code, to }))),
    makesCause: q850.makeReason,
    ringing: ringing === 180 ? 0 : ringing,
    progress: progress === 183 ? 0 : progress,
    dropsEarlySdp: sdp === 'drop',
    redirects,
  });
}

/** How a mapping gateway is told that its call has failed; undefined where it is told as it is. */
export function callerTermsOf(gateway: MappingGateway): AnswerTerms | undefined {
  const answers = callerAnswersOf(gateway);
  return answers && AnswerTerms.fromPartial(answers);
}
