import { useState } from 'react';
import { useParams } from 'wouter';
import { failureOf } from '@/api/failures';
import type { TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { SeparationStatus } from '@/api/gen/puremusic/separation/v1/separation_pb';
import { Button, Card, LinkButton, Notice, Skeleton, Switch, usePageTitle, VisuallyHidden } from '@/design';
import { TrackPlayer, useTrackPlayback } from '@/listening';
import { AnalysisState } from './AnalysisState';
import { CheckState } from './CheckState';
import { Findings } from './Findings';
import { Fits } from './Fits';
import { FormLists } from './FormLists';
import { useMetronome } from './metronome';
import { SongHeader } from './SongHeader';
import { isReady, useAnalysis, useCard, useSeparations, useWaveform } from './song';
import { Stage } from './stage/Stage';
import { SeparationState } from './stems/SeparationState';
import { StemsCard } from './stems/StemsCard';

/** One song: heard, seen and corrected. */
export default function TrackPage() {
  const { trackId = '' } = useParams<{ trackId: string }>();
  const card = useCard(trackId);
  usePageTitle(card.data?.title ?? 'Song');
  if (card.data) {
    // Another song is another page, with another player.
    return <Song key={trackId} card={card.data} />;
  }
  if (!card.error) {
    return (
      <div role="status" className="flex flex-col gap-4">
        <VisuallyHidden>Loading the song</VisuallyHidden>
        <Skeleton className="h-10 w-64 max-w-full" />
        <Skeleton className="h-52" />
      </div>
    );
  }
  const { reason, message } = failureOf(card.error);
  if (reason === 'TRACK_NOT_FOUND') {
    return (
      <div className="flex flex-col items-start gap-4">
        <h1 className="text-3xl">This song is not here</h1>
        <p className="text-muted">It was deleted, or the address is not quite right.</p>
        <LinkButton href="/library" variant="primary">
          To your library
        </LinkButton>
      </div>
    );
  }
  return (
    <Notice
      kind="error"
      title="The song could not be loaded"
      action={<Button onClick={() => void card.refetch()}>Try again</Button>}
    >
      {message}
    </Notice>
  );
}

function Song({ card }: { readonly card: TrackCard }) {
  return (
    <div className="flex flex-col gap-6">
      <SongHeader card={card} />
      <CheckState card={card} />
      {isReady(card) && <ReadySong card={card} />}
    </div>
  );
}

function ReadySong({ card }: { readonly card: TrackCard }) {
  const { trackId, durationSeconds, sampleRate, channels } = card;
  const analysis = useAnalysis(trackId);
  const waveform = useWaveform(trackId, true);
  const separations = useSeparations(trackId);
  const [clicking, setClicking] = useState(false);
  const [soloing, setSoloing] = useState(false);
  const shape = { frames: Math.round(durationSeconds * sampleRate), sampleRate, channels };
  const clicks = useMetronome(clicking, shape, analysis.data?.beats, soloing);
  const playback = useTrackPlayback(trackId, clicks);
  const { player, what, soloed, stems } = playback;
  const solo = what === 'stems' && soloed.size > 0;
  if (solo !== soloing) setSoloing(solo);
  const done = stems.stems.filter((stem) => !stem.early);
  return (
    <>
      <Card className="flex flex-col gap-4 max-sm:-mx-2 max-sm:p-3">
        <h2 className="sr-only">Listen</h2>
        <Stage player={player} waveform={waveform.data} analysis={analysis.data} duration={durationSeconds} />
        {waveform.error && (
          <Notice kind="warning" action={<Button onClick={() => void waveform.refetch()}>Try again</Button>}>
            The waveform could not be loaded. {failureOf(waveform.error).message}
          </Notice>
        )}
        <TrackPlayer playback={playback} timeline={false} />
        {analysis.data?.beats && (
          <Switch
            label="Click on the beats"
            hint="To hear whether the beats lie right; the one sounds higher."
            checked={clicking}
            onChange={setClicking}
          />
        )}
      </Card>
      {analysis.isSuccess && <AnalysisState trackId={trackId} analysis={analysis.data} />}
      {analysis.error && (
        <Notice kind="error" action={<Button onClick={() => void analysis.refetch()}>Try again</Button>}>
          What was heard could not be loaded. {failureOf(analysis.error).message}
        </Notice>
      )}
      {analysis.data && <FormLists analysis={analysis.data} player={player} />}
      {analysis.data && <Findings trackId={trackId} analysis={analysis.data} player={player} />}
      <section aria-labelledby="stems" className="flex flex-col gap-4">
        <h2 id="stems" className="text-2xl">
          Its stems
        </h2>
        {separations.error && (
          <Notice kind="error" action={<Button onClick={() => void separations.refetch()}>Try again</Button>}>
            {failureOf(separations.error).message}
          </Notice>
        )}
        {done.length > 0 && (
          <StemsCard
            trackId={trackId}
            stems={done}
            separation={separations.data?.find((one) => one.status === SeparationStatus.COMPLETED)}
          />
        )}
        <SeparationState trackId={trackId} made={separations.data} />
      </section>
      {done.length > 0 && analysis.data && (
        <section aria-labelledby="fits" className="flex flex-col gap-4">
          <h2 id="fits" className="text-2xl">
            What goes with it
          </h2>
          <Fits trackId={trackId} stems={done.map((stem) => stem.type)} />
        </section>
      )}
    </>
  );
}
