import type { Fusion } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { Badge, Card } from '@/design';
import { isStemName, STEM_LABELS } from '@/listening/stem_names';
import { PlanReasons, PlanWarnings, TrackLines, warningsOf } from './PlanDetails';
import { type Songs, titleOf } from './songs';
import { levelNumber, numberWords } from './words';

/** What the song is made of, what was done to each, and what there is to know about the result. */
export function HowItWasMade({ fusion, songs }: { readonly fusion: Fusion; readonly songs: Songs }) {
  const { plan, stems, result } = fusion;
  return (
    <section aria-labelledby="made" className="flex flex-col gap-3">
      <h2 id="made" className="text-xl">
        {result ? 'How it was made' : 'How it is to be made'}
      </h2>
      <Card className="flex flex-col gap-5">
        <ul className="flex flex-col gap-3">
          {[...new Set(stems.map(({ trackId }) => trackId))].map((trackId) => (
            <li key={trackId} className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
              <span className="font-medium">{titleOf(songs, trackId)}</span>
              <span className="flex flex-wrap gap-1.5">
                {stems
                  .filter((stem) => stem.trackId === trackId)
                  .map(({ stemId, type, mute }) => (
                    <Badge key={stemId || type}>
                      {isStemName(type) ? STEM_LABELS[type] : 'Remainder'}
                      {mute && ', silent'}
                    </Badge>
                  ))}
              </span>
            </li>
          ))}
        </ul>
        {plan && plan.tempoBpm !== undefined && <TrackLines plan={plan} songs={songs} />}
        {plan && <PlanWarnings lines={warningsOf(plan)} />}
        {plan && plan.reasons.length > 0 && (
          <details>
            <summary className="inline-flex min-h-6 items-center text-accent text-sm underline-offset-2 hover:underline">
              Why it was decided so
            </summary>
            <div className="mt-2">
              <PlanReasons plan={plan} />
            </div>
          </details>
        )}
        {result && (
          <ul className="flex flex-col gap-1 text-muted text-sm">
            {measuresOf(fusion).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
      </Card>
    </section>
  );
}

function measuresOf({ result }: Fusion): string[] {
  if (!result) return [];
  const lines = result.warnings.map(({ message }) => message);
  if (result.loudnessLufs !== undefined) {
    const peak = result.truePeakDbtp === undefined ? '' : `, highest peak ${levelNumber(result.truePeakDbtp)} dBTP`;
    lines.push(`Loudness ${levelNumber(result.loudnessLufs)} LUFS${peak}.`);
  }
  if (result.limitedDb >= 0.1)
    lines.push(`Its loudest moments were softened by up to ${numberWords(result.limitedDb, 1)} dB.`);
  return lines;
}
