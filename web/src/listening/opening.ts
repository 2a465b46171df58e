import { separations } from '@/api/clients';
import type { TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import type { Stem, StemsInProgress } from '@/api/gen/puremusic/separation/v1/separation_pb';
import { EarlyStems } from './early_stems';
import { FlacSource } from './engine/flac_source';
import { HandoverSource } from './engine/handover_source';
import type { StemShape } from './engine/source';
import { borrow, giveBack } from './shelf';
import type { StemChoice } from './stem_choice';
import type { TrackStem } from './stems';

/** A stem that was opened, to be given back once. */
export interface OpenStem {
  readonly stem: TrackStem;
  giveBack(): void;
}

/** Opens a track's stems; what is open already is shared. */
export function openStems(card: TrackCard, choices: readonly StemChoice[]): OpenStem[] {
  return choices.map((choice) =>
    'stem' in choice ? openWhole(choice.stem, choice) : openEarly(card, choice.progress, choice),
  );
}

function openWhole(stem: Stem, { type }: StemChoice): OpenStem {
  const early = handovers.get(`${stem.separationId}/${type}`);
  const key = early?.key ?? stem.stemId;
  const source = borrow(key, () => early?.source ?? wholeStem(stem));
  if (early && !early.source.followed) early.source.follow(wholeStem(stem));
  return {
    stem: { type, source, stemId: stem.stemId, model: stem.model, early: false },
    giveBack: () => giveBack(key, source),
  };
}

function wholeStem(stem: Stem): FlacSource {
  const shape = { frames: Number(stem.frames), sampleRate: stem.sampleRate, channels: stem.channels };
  const address = async () => (await separations.getStemDownloadUrl({ stemId: stem.stemId })).url;
  return new FlacSource(shape, address, { scaleBits: stem.scaleBits });
}

// Early stems by separation and type: when the whole ones are there, those who listen go over to them.
const handovers = new Map<string, { key: string; source: HandoverSource }>();
const running = new Map<string, EarlyStems>();

function openEarly(card: TrackCard, progress: StemsInProgress, { type }: StemChoice): OpenStem {
  const { separationId } = progress;
  const key = `${separationId}/${type}`;
  const shape = shapeOf(card);
  const source = borrow(key, () => {
    const stems = running.get(separationId) ?? new EarlyStems(separationId, shape);
    running.set(separationId, stems);
    const handover = new HandoverSource(shape, stems.source(type), () => {
      handovers.delete(key);
      if (stems.leave(type)) running.delete(separationId);
    });
    handovers.set(key, { key, source: handover });
    return handover;
  });
  return {
    stem: { type, source, stemId: '', model: progress.model, early: true },
    giveBack: () => giveBack(key, source),
  };
}

function shapeOf({ durationSeconds, sampleRate, channels }: TrackCard): StemShape {
  return { frames: Math.round(durationSeconds * sampleRate), sampleRate, channels };
}
