import { toJsonString } from '@bufbuild/protobuf';
import { type Fusion, SuggestFusionRequestSchema } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { useMix, voiceKey } from '@/mixer/mix';
import { useFuse } from './fuse_state';
import { suggestionRequest } from './request';
import { type Variation, variationOf } from './variation';

/** Puts a fusion's stems into the mix and takes over all that was chosen for it; the mix before is gone. */
export function beginVariation(fusion: Fusion): Variation {
  const variation = variationOf(fusion);
  const mix = useMix.getState();
  mix.clear();
  for (const { trackId, type, ...faders } of variation.stems) {
    mix.add(trackId, type);
    mix.change(voiceKey(trackId, type), faders);
  }
  mix.rename(fusion.title);
  const { choices, rank } = variation;
  const wish = toJsonString(SuggestFusionRequestSchema, suggestionRequest(useMix.getState().voices, choices));
  useFuse.setState({ choices, plan: { wish, rank }, sending: null, preview: null });
  return variation;
}

/** Whether something else than the fusion's own stems would be lost from the mix. */
export function wouldReplace(fusion: Fusion): boolean {
  const { stems } = variationOf(fusion);
  const faders = new Map(stems.map((stem) => [voiceKey(stem.trackId, stem.type), stem]));
  return useMix.getState().voices.some((voice) => {
    const stem = faders.get(voice.key);
    if (!stem) return true;
    return (
      stem.gainDb !== voice.gainDb || stem.pan !== voice.pan || stem.mute !== voice.mute || stem.solo !== voice.solo
    );
  });
}
