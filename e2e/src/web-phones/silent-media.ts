type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

interface Description {
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
}

/** A track that carries nothing. */
class SilentTrack extends EventTarget {
  readonly kind = 'audio';
  readonly id = 'silence';
  enabled = true;

  stop(): void {
    this.enabled = false;
  }
}

/** Tracks, as a browser's MediaStream holds them. */
class SilentStream extends EventTarget {
  readonly #tracks: SilentTrack[];

  constructor(tracks: readonly SilentTrack[] = []) {
    super();
    this.#tracks = [...tracks];
  }

  getTracks(): readonly SilentTrack[] {
    return this.#tracks;
  }

  getAudioTracks(): readonly SilentTrack[] {
    return this.#tracks;
  }

  getVideoTracks(): readonly SilentTrack[] {
    return [];
  }

  addTrack(track: SilentTrack): void {
    this.#tracks.push(track);
  }
}

/** As much of a browser's RTCPeerConnection as JsSIP and SIP.js use in a call with audio; nothing is ever sent. */
class SilentConnection extends EventTarget {
  signalingState: 'stable' | 'have-local-offer' | 'have-remote-offer' | 'closed' = 'stable';
  readonly iceGatheringState = 'complete';
  readonly iceConnectionState = 'connected';
  localDescription: Description | undefined;
  remoteDescription: Description | undefined;
  readonly #senders: { readonly track: SilentTrack }[] = [];
  readonly #transceiver: { direction: Direction } = { direction: 'sendrecv' };
  #version = 0;

  createOffer(): Promise<Description> {
    return this.#describe('offer', this.#transceiver.direction);
  }

  createAnswer(): Promise<Description> {
    return this.#describe('answer', this.#transceiver.direction);
  }

  setLocalDescription(description: Description): Promise<void> {
    this.localDescription = description;
    this.signalingState = description.type === 'offer' ? 'have-local-offer' : 'stable';
    return Promise.resolve();
  }

  setRemoteDescription(description: Description): Promise<void> {
    const { type, sdp } = description;
    // RFC 8827 §6.5: a browser takes no media without DTLS.
    if (!sdp.includes('a=fingerprint:')) return Promise.reject(new Error(`no DTLS: ${sdp}`));
    this.remoteDescription = description;
    this.signalingState = type === 'offer' ? 'have-remote-offer' : 'stable';
    if (type === 'offer') this.#transceiver.direction = answerTo(sdp);
    return Promise.resolve();
  }

  addTrack(track: SilentTrack): void {
    this.#senders.push({ track });
  }

  getSenders(): readonly { readonly track: SilentTrack }[] {
    return this.#senders;
  }

  getReceivers(): readonly never[] {
    return [];
  }

  getTransceivers(): readonly object[] {
    return [this.#transceiver];
  }

  getStats(): Promise<ReadonlyMap<string, object>> {
    return Promise.resolve(new Map());
  }

  close(): void {
    this.signalingState = 'closed';
  }

  #describe(type: Description['type'], direction: Direction): Promise<Description> {
    this.#version += 1;
    const setup = type === 'offer' ? 'actpass' : 'active';
    const lines = [
      'v=0',
      `o=- 20518 ${String(this.#version)} IN IP4 127.0.0.1`,
      ...['s=-', 't=0 0', 'a=group:BUNDLE 0', 'm=audio 9 UDP/TLS/RTP/SAVPF 8'],
      ...['c=IN IP4 127.0.0.1', 'a=rtpmap:8 PCMA/8000', 'a=mid:0', 'a=rtcp-mux', `a=${direction}`],
      ...['a=ice-ufrag:F7gI', 'a=ice-pwd:x9cml/YzichV2+XlhiMu8g', `a=setup:${setup}`],
      `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => '5C').join(':')}`,
      'a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host',
    ];
    return Promise.resolve({ type, sdp: `${lines.join('\r\n')}\r\n` });
  }
}

/** RFC 3264 §6.1. */
function answerTo(sdp: string): Direction {
  if (sdp.includes('a=sendonly')) return 'recvonly';
  if (sdp.includes('a=recvonly')) return 'sendonly';
  return sdp.includes('a=inactive') ? 'inactive' : 'sendrecv';
}

/** Gives this process, or thread, what of media JsSIP and SIP.js expect of a browser. */
export function provideSilentMedia(): void {
  const getUserMedia = () => Promise.resolve(new SilentStream([new SilentTrack()]));
  Object.assign(globalThis, {
    window: globalThis,
    RTCPeerConnection: SilentConnection,
    // A description is as good as what it is made of.
    RTCSessionDescription: Object,
    MediaStream: SilentStream,
    MediaStreamTrackEvent: Event,
  });
  Object.assign(navigator, { mediaDevices: { getUserMedia } });
}
