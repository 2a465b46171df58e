import type { Analysis } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { Badge } from '@/design';
import type { Player } from '@/listening';
import { useCorrecting } from './correcting';
import { Absences } from './findings/Absences';
import { BarsFinding } from './findings/BarsFinding';
import { KeyFinding } from './findings/KeyFinding';
import { SoundFinding } from './findings/SoundFinding';
import { TempoFinding } from './findings/TempoFinding';

interface FindingsProps {
  readonly trackId: string;
  readonly analysis: Analysis;
  readonly player: Player;
}

/** What was heard, and a person's word on it. */
export function Findings({ trackId, analysis, player }: FindingsProps) {
  const correcting = useCorrecting(trackId);
  return (
    <section aria-labelledby="findings" className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-3">
        <h2 id="findings" className="text-2xl">
          What was heard
        </h2>
        {analysis.provisional && <Badge tone="warning">First findings</Badge>}
      </div>
      <p className="max-w-prose text-muted">
        Something wrong? Say what is right: it counts at once, in your mixes and fusions as well. Of what we call sure,
        19 in 20 are right.
      </p>
      <div className="grid items-start gap-4 md:grid-cols-2">
        <div className="flex flex-col gap-4">
          <TempoFinding analysis={analysis} correcting={correcting} player={player} />
          <BarsFinding analysis={analysis} correcting={correcting} player={player} />
        </div>
        <div className="flex flex-col gap-4">
          <KeyFinding analysis={analysis} correcting={correcting} />
          <SoundFinding analysis={analysis} />
        </div>
      </div>
      <Absences analysis={analysis} />
    </section>
  );
}
