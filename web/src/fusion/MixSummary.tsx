import { SlidersHorizontal } from 'lucide-react';
import { Link } from 'wouter';
import { Badge, Card, Icon, LinkButton } from '@/design';
import { STEM_LABELS } from '@/listening/stem_names';
import type { Voice } from '@/mixer/mix';
import { type Songs, titleOf } from './songs';
import { numberWords } from './words';

/** Which stems of which songs are fused, and with which faders. */
export function MixSummary({ voices, songs }: { readonly voices: readonly Voice[]; readonly songs: Songs }) {
  const soloed = voices.some(({ solo }) => solo);
  return (
    <Card className="flex flex-col gap-4">
      <ul className="flex flex-col gap-4">
        {[...new Set(voices.map(({ trackId }) => trackId))].map((trackId) => (
          <li key={trackId} className="min-w-0">
            <p className="flex flex-wrap items-baseline gap-x-3">
              <Link href={`/tracks/${trackId}`} className="min-w-0 truncate font-medium hover:underline">
                {titleOf(songs, trackId)}
              </Link>
              <span className="text-muted text-sm">{heardWords(songs, trackId)}</span>
            </p>
            <ul className="mt-1.5 flex flex-wrap gap-1.5">
              {voices
                .filter((voice) => voice.trackId === trackId)
                .map((voice) => (
                  <li key={voice.key}>
                    <Badge>{stemWords(voice, soloed)}</Badge>
                  </li>
                ))}
            </ul>
          </li>
        ))}
      </ul>
      <LinkButton href="/mix" size="small" className="self-start">
        <Icon of={SlidersHorizontal} />
        Change the mix
      </LinkButton>
    </Card>
  );
}

function heardWords(songs: Songs, trackId: string): string {
  const song = songs.get(trackId);
  if (!song) return '';
  const tempo = song.tempoBpm === undefined ? [] : [`${numberWords(song.tempoBpm, 1)} BPM`];
  return [...tempo, ...(song.key ? [song.key] : [])].join(' · ');
}

function stemWords({ type, gainDb, mute, solo }: Voice, soloed: boolean): string {
  if (mute || (soloed && !solo)) return `${STEM_LABELS[type]}, silent`;
  if (Math.abs(gainDb) < 0.05) return STEM_LABELS[type];
  return `${STEM_LABELS[type]} ${gainDb > 0 ? '+' : '−'}${numberWords(Math.abs(gainDb), 1)} dB`;
}
