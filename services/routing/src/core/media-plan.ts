import type { MediaSettings } from '@tandem/config';
import type { MediaPlan, MediaSide } from '@tandem/proto/media';

/** A side that says nothing: most phones. */
const passing: Pick<MediaSettings, 'addressFamily' | 'codecs' | 'dtmf' | 'interface' | 'nat'> = {
  nat: 'symmetric',
  dtmf: 'pass',
  codecs: { strip: [], offer: [] },
};

/** One side of a call, as the configuration has it. */
export interface MediaParty {
  /** As decisions name it: "routing-gateway carrier-a". */
  readonly subject: string;
  readonly media: MediaSettings;
}

/**
 * How the media of a call between these two is anchored (CALL-08); undefined where neither asks for it, or nothing that they
 * need differs.
 */
export function mediaPlanOf(
  caller: MediaParty | undefined,
  callee: MediaParty,
): MediaPlan | undefined {
  const a = caller?.media;
  const b = callee.media;
  const reasons = [anchoring(caller), anchoring(callee), ...differences(a, b)].filter(
    (reason) => reason !== undefined,
  );
  if (reasons.length === 0) return undefined;
  const silences = [a?.silence, b.silence].filter((seconds) => seconds !== undefined);
  return {
    isRequired: isRequiredBy(a) || isRequiredBy(b),
    isRecorded: a?.record === true || b.record,
    silenceSeconds: silences.length === 0 ? 0 : Math.min(...silences),
    a: sideOf(a),
    b: beside(sideOf(b), a),
    why: reasons.join(', '),
  };
}

function anchoring(party: MediaParty | undefined): string | undefined {
  return party?.media.mode === 'anchor' ? `mode anchor of ${party.subject}` : undefined;
}

/** What `needed` means; a side that passes media says nothing of what it needs. */
function differences(a: MediaSettings | undefined, b: MediaSettings): string[] {
  if (a?.mode !== 'needed' && b.mode !== 'needed') return [];
  const found: string[] = [];
  const differ = (name: string, one = 'none', other = 'none'): void => {
    if (one !== other) found.push(`${name} ${one} and ${other}`);
  };
  differ('srtp', a?.srtp, b.srtp);
  differ('ice', a?.ice, b.ice);
  differ('addressFamily', a?.addressFamily, b.addressFamily);
  for (const nat of [a?.nat, b.nat]) {
    if (nat !== undefined && nat !== 'symmetric') found.push(`nat ${nat}`);
  }
  return found;
}

/** A side that passes media has no say in it. */
function isRequiredBy(media: MediaSettings | undefined): boolean {
  return media !== undefined && media.mode !== 'pass' && media.relay === 'required';
}

function sideOf(own: MediaSettings | undefined): MediaSide {
  const { addressFamily = '', codecs, dtmf, interface: name = '', nat } = own ?? passing;
  return {
    srtp: own?.srtp ?? '',
    ice: own?.ice ?? '',
    addressFamily,
    nat,
    dtmf,
    interface: name,
    codecsStripped: codecs.strip,
    codecsOffered: codecs.offer,
  };
}

/** What is not said of the callee is plain, where it is said of the caller. What the caller is shows in its offer. */
function beside(callee: MediaSide, caller: MediaSettings | undefined): MediaSide {
  return {
    ...callee,
    srtp: callee.srtp === '' && caller?.srtp !== undefined ? 'none' : callee.srtp,
    ice: callee.ice === '' && caller?.ice !== undefined ? 'remove' : callee.ice,
  };
}
