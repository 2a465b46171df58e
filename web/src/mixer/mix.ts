import { rememberedStore } from '@/api/remember';
import { STEM_NAMES, type StemName } from '@/listening/stem_names';

export type { StemName };

/** One stem of one track in the mix. */
export interface Voice {
  /** `trackId/type`. */
  readonly key: string;
  readonly trackId: string;
  readonly type: StemName;
  /** Decibels, -60 to 12. */
  readonly gainDb: number;
  /** -1 (left) to 1 (right), equal power. */
  readonly pan: number;
  readonly mute: boolean;
  readonly solo: boolean;
}

export type VoicePatch = Partial<Pick<Voice, 'gainDb' | 'pan' | 'mute' | 'solo'>>;

/** The mix being made: what was chosen, and how it is set. */
export interface Mix {
  /** Empty until a person names it. */
  readonly title: string;
  /** In the order in which tracks were added; stems of a track in the order of `STEM_NAMES`. */
  readonly voices: readonly Voice[];
  /** Tracks of which all stems are wanted and nobody has looked yet which there are; see `settle`. */
  readonly unsettled: readonly string[];
  /** Seconds. */
  readonly loop: { readonly start: number; readonly end: number } | null;
  /** 0.5 to 1. */
  readonly speed: number;
  /** Decibels, -40 to 6. */
  readonly volumeDb: number;
  /** Whether single keys do something; those who speak to their computer may want them off. */
  readonly shortcuts: boolean;
}

interface MixActions {
  /** Adds a stem, or all stems of a track; what is there already stays as it is. */
  add(trackId: string, type: StemName | 'all'): void;
  remove(voiceKey: string): void;
  removeTrack(trackId: string): void;
  /** Changes a voice's settings; numbers are brought into their ranges. */
  change(voiceKey: string, patch: VoicePatch): void;
  /** Says which stems a track has: one that was added as a whole gets exactly these. */
  settle(trackId: string, types: readonly StemName[]): void;
  rename(title: string): void;
  listen(patch: Partial<Pick<Mix, 'loop' | 'speed' | 'volumeDb' | 'shortcuts'>>): void;
  clear(): void;
}

const EMPTY: Mix = {
  title: '',
  voices: [],
  unsettled: [],
  loop: null,
  speed: 1,
  volumeDb: -3,
  shortcuts: true,
};

// What nearly every model makes; guitar and piano join when the track's own stems are known.
const USUAL: readonly StemName[] = ['vocals', 'drums', 'bass', 'other'];

/** The key of a voice. */
export function voiceKey(trackId: string, type: StemName): string {
  return `${trackId}/${type}`;
}

/** The mix, kept per account over reloads. */
export const useMix = rememberedStore<Mix & MixActions>('mix', 1, (set) => ({
  ...EMPTY,
  add: (trackId, type) =>
    set((mix) => ({
      voices: withStems(mix.voices, trackId, type === 'all' ? USUAL : [type]),
      unsettled: type === 'all' ? [...new Set([...mix.unsettled, trackId])] : mix.unsettled,
    })),
  remove: (key) => set((mix) => ({ voices: mix.voices.filter((voice) => voice.key !== key) })),
  removeTrack: (trackId) =>
    set((mix) => ({
      voices: mix.voices.filter((voice) => voice.trackId !== trackId),
      unsettled: mix.unsettled.filter((id) => id !== trackId),
    })),
  change: (key, patch) =>
    set((mix) => ({
      voices: mix.voices.map((voice) => (voice.key === key ? changed(voice, patch) : voice)),
    })),
  settle: (trackId, types) =>
    set((mix) =>
      mix.unsettled.includes(trackId)
        ? {
            voices: withStems(
              mix.voices.filter((voice) => voice.trackId !== trackId || types.includes(voice.type)),
              trackId,
              types,
            ),
            unsettled: mix.unsettled.filter((id) => id !== trackId),
          }
        : {},
    ),
  rename: (title) => set({ title: title.slice(0, 200) }),
  listen: (patch) => set(patch),
  clear: () => set(({ shortcuts, volumeDb }) => ({ ...EMPTY, shortcuts, volumeDb })),
}));

function withStems(voices: readonly Voice[], trackId: string, types: readonly StemName[]): Voice[] {
  const there = new Set(voices.map((voice) => voice.key));
  const fresh = types
    .map((type) => ({ key: voiceKey(trackId, type), trackId, type, gainDb: 0, pan: 0, mute: false, solo: false }))
    .filter((voice) => !there.has(voice.key));
  const order = [...new Set([...voices.map((voice) => voice.trackId), trackId])];
  return [...voices, ...fresh].sort(
    (a, b) =>
      order.indexOf(a.trackId) - order.indexOf(b.trackId) || STEM_NAMES.indexOf(a.type) - STEM_NAMES.indexOf(b.type),
  );
}

function changed(voice: Voice, patch: VoicePatch): Voice {
  const next = { ...voice, ...patch };
  return { ...next, gainDb: within(next.gainDb, -60, 12), pan: within(next.pan, -1, 1) };
}

function within(value: number, low: number, high: number): number {
  return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : 0;
}
