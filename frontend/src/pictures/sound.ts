// Sound in the browser: from a microphone or a file to a mono WAV that the server takes.

/** Samples a second of what is sent: twice the highest tone that matters to a word, and then some. */
export const RATE = 16_000;
/** A word is over by then; longer files are cut to the seconds around their loudest moment. */
export const SECONDS = 2.5;
const LEAST_SECONDS = 0.2;
const LEAST_PEAK = 0.01;

/** What keeps a recording from being a word. */
export type Fault = "silent" | "short" | "unreadable" | "noMicrophone" | "refused" | "insecure";

export class Unheard extends Error {
  constructor(readonly fault: Fault) {
    super(fault);
  }
}

/** What a file or a recording holds, as one channel at RATE. Throws Unheard where a browser can make no sound of it. */
export async function decoded(bytes: ArrayBuffer): Promise<Float32Array> {
  let buffer: AudioBuffer;
  try {
    buffer = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes);
  } catch {
    throw new Unheard("unreadable");
  }
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, index) => buffer.getChannelData(index));
  const mono = new Float32Array(buffer.length);
  for (const channel of channels) channel.forEach((sample, place) => (mono[place]! += sample / channels.length));
  return mono;
}

/** The part of a recording that is worth sending. Throws Unheard for silence and for clicks. */
export function audible(samples: Float32Array): Float32Array {
  if (samples.length < LEAST_SECONDS * RATE) throw new Unheard("short");
  const peak = loudest(samples);
  if (Math.abs(samples[peak]!) < LEAST_PEAK) throw new Unheard("silent");
  const most = SECONDS * RATE;
  const begin = Math.max(0, Math.min(samples.length - most, peak - most / 2));
  return samples.slice(begin, begin + most);
}

function loudest(samples: Float32Array): number {
  let place = 0;
  samples.forEach((sample, index) => {
    if (Math.abs(sample) > Math.abs(samples[place]!)) place = index;
  });
  return place;
}

/** A WAV file: 16 bits, one channel. */
export function wav(samples: Float32Array, rate: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const text = (at: number, letters: string): void => [...letters].forEach((letter, index) => bytes.setUint8(at + index, letter.charCodeAt(0)));
  text(0, "RIFF");
  bytes.setUint32(4, 36 + 2 * samples.length, true);
  text(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, rate, true);
  bytes.setUint32(28, 2 * rate, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  text(36, "data");
  bytes.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, index) => bytes.setInt16(44 + 2 * index, Math.round(32767 * Math.max(-1, Math.min(1, sample))), true));
  return new Uint8Array(bytes.buffer);
}

/** Bytes as base64, in the URL-safe alphabet that the server reads. */
export function base64(bytes: Uint8Array): string {
  let letters = "";
  for (let at = 0; at < bytes.length; at += 8192) letters += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_");
}

/** A recording under way. */
export interface Recording {
  /** Loudness now, 0 to 1, as a meter shows it. */
  level: () => number;
  /** Ends it and gives what was recorded. */
  stop: () => Promise<ArrayBuffer>;
  /** Ends it; nobody wants it any more. */
  drop: () => void;
}

/** Begins to record from the microphone. Throws Unheard with what is in the way. */
export async function record(): Promise<Recording> {
  // Undefined where the page has come over plain http from another machine.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) throw new Unheard("insecure");
  let stream: MediaStream;
  try {
    stream = await devices.getUserMedia({ audio: true });
  } catch (error) {
    throw new Unheard(error instanceof DOMException && error.name === "NotAllowedError" ? "refused" : "noMicrophone");
  }
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  context.createMediaStreamSource(stream).connect(analyser);
  const recorder = new MediaRecorder(stream);
  const parts: Blob[] = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const ended = new Promise<void>((resolve) => (recorder.onstop = () => resolve()));
  recorder.start();
  const window = new Float32Array(analyser.fftSize);
  const release = (): void => {
    stream.getTracks().forEach((track) => track.stop());
    void context.close();
  };
  return {
    level: () => {
      analyser.getFloatTimeDomainData(window);
      const peak = window.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      // From -50 decibels to 0: what the ear takes for even steps.
      return peak > 0 ? Math.max(0, 1 + (20 * Math.log10(peak)) / 50) : 0;
    },
    stop: async () => {
      recorder.stop();
      await ended;
      release();
      return new Blob(parts, { type: recorder.mimeType }).arrayBuffer();
    },
    drop: () => {
      if (recorder.state !== "inactive") recorder.stop();
      release();
    },
  };
}

/** Plays samples once. */
export function play(samples: Float32Array<ArrayBuffer>): void {
  const context = new AudioContext();
  const buffer = new AudioBuffer({ length: samples.length, sampleRate: RATE });
  buffer.copyToChannel(samples, 0);
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(context.destination);
  source.onended = () => void context.close();
  source.start();
}
