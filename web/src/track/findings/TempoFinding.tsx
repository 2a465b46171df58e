import { Hand } from 'lucide-react';
import { useState } from 'react';
import { type Analysis, Finding as Kind } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { Button, Icon, VisuallyHidden } from '@/design';
import type { Player } from '@/listening';
import { whyAbsent } from '../absences';
import { percent } from '../confidence';
import type { Correcting } from '../correcting';
import { isSaid } from '../corrections';
import { canBeSaid, sameTempo } from '../tempo_levels';
import { bpmWords, numberWords } from '../words';
import { CorrectionFailure } from './CorrectionFailure';
import { Finding } from './Finding';
import { HeardBeside } from './HeardBeside';
import { TapTempo } from './TapTempo';
import { TypedTempo } from './TypedTempo';

interface TempoFindingProps {
  readonly analysis: Analysis;
  readonly correcting: Correcting;
  readonly player: Player;
}

/** The tempo: what was heard, what else it could be, and four ways to say it better. */
export function TempoFinding({ analysis, correcting, player }: TempoFindingProps) {
  const [tapping, setTapping] = useState(false);
  const { tempo } = analysis;
  const said = isSaid(analysis, 'tempo');
  const heard = analysis.heard?.tempo ?? (said ? undefined : tempo);
  const say = (bpm: number) => {
    // To say what was heard is to take back what was said.
    const asHeard = heard && sameTempo(bpm, heard.bpm);
    if (!asHeard || said) correcting.correct({ field: 'tempo', said: asHeard ? null : bpm });
  };
  const others = (heard?.candidates ?? [])
    .filter(({ bpm, share }) => tempo && !sameTempo(bpm, tempo.bpm) && share >= 0.005)
    .slice(0, 4);
  return (
    <Finding title="Tempo" value={tempo ? bpmWords(tempo.bpm) : 'No tempo'} confidence={tempo?.confidence} said={said}>
      {!tempo && (
        <p className="text-muted">
          {whyAbsent(analysis.absences, Kind.TEMPO) ?? 'Still being listened for.'} You can say one.
        </p>
      )}
      {tempo && !tempo.steady && <p className="text-muted">{variesWords(analysis)}</p>}
      {said && (
        <HeardBeside
          correcting={correcting}
          heard={heard && bpmWords(heard.bpm)}
          confidence={heard?.confidence}
          back={{ field: 'tempo', said: null }}
          what="the tempo"
        />
      )}
      {tempo && (
        <div className="flex flex-wrap gap-2">
          <Level words="÷2" name="half as fast" bpm={tempo.bpm / 2} onSay={say} />
          <Level words="×2" name="twice as fast" bpm={tempo.bpm * 2} onSay={say} />
        </div>
      )}
      {others.length > 0 && (
        <div>
          <p className="mb-1.5 text-muted text-sm">It could also be</p>
          <div className="flex flex-wrap gap-2">
            {others.map(({ bpm, share }) => (
              <Button key={bpm} size="small" onClick={() => say(bpm)} disabled={!canBeSaid(bpm)}>
                {bpmWords(bpm)} <span className="font-normal text-muted">{percent(share)}</span>
              </Button>
            ))}
          </div>
        </div>
      )}
      <div className="flex flex-wrap items-end gap-3">
        <TypedTempo onSay={say} />
        <Button aria-expanded={tapping} onClick={() => setTapping(!tapping)}>
          <Icon of={Hand} />
          Tap along
        </Button>
      </div>
      {tapping && <TapTempo heardBpm={heard?.bpm} player={player} onSay={say} onClose={() => setTapping(false)} />}
      <CorrectionFailure correcting={correcting} field="tempo" />
    </Finding>
  );
}

function Level({
  words,
  name,
  bpm,
  onSay,
}: {
  readonly words: string;
  readonly name: string;
  readonly bpm: number;
  readonly onSay: (bpm: number) => void;
}) {
  return (
    <Button size="small" onClick={() => onSay(bpm)} disabled={!canBeSaid(bpm)}>
      {words} <span className="font-normal text-muted">{numberWords(bpm)}</span>
      <VisuallyHidden>BPM, {name}</VisuallyHidden>
    </Button>
  );
}

function variesWords({ tempo }: Analysis): string {
  const curve = (tempo?.curve ?? []).map((point) => point.bpm).sort((a, b) => a - b);
  // Single bars may be far off; what nine in ten of them have is what one hears.
  const low = curve[Math.floor(curve.length * 0.05)];
  const high = curve[Math.floor((curve.length - 1) * 0.95)];
  if (low === undefined || high === undefined) return 'The tempo changes on the way.';
  return `The tempo changes on the way, mostly between ${numberWords(low, 0)} and ${numberWords(high, 0)} BPM.`;
}
