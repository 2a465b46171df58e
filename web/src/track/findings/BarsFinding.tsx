import { Crosshair } from 'lucide-react';
import { useState } from 'react';
import { type Analysis, Finding as Kind } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { Button, Field, Icon, Select } from '@/design';
import { clock, type Player } from '@/listening';
import { whyAbsent } from '../absences';
import { percent, sureness } from '../confidence';
import type { Correcting } from '../correcting';
import { isSaid } from '../corrections';
import { signatureFrom, signatureWords, USUAL_SIGNATURES } from '../signatures';
import { barsOf } from '../stage/drawing';
import { nearest } from '../windowing';
import { CorrectionFailure } from './CorrectionFailure';
import { Finding } from './Finding';
import { HeardBeside } from './HeardBeside';

interface BarsFindingProps {
  readonly analysis: Analysis;
  readonly correcting: Correcting;
  readonly player: Player;
}

/** Bars: the time signature, and where the one is. */
export function BarsFinding({ analysis, correcting, player }: BarsFindingProps) {
  const { timeSignature, beats, corrections, heard } = analysis;
  const said = isSaid(analysis, 'time_signature');
  const asHeard = heard?.timeSignature ?? (said ? undefined : timeSignature);
  const value = timeSignature ? signatureWords(timeSignature) : '';
  const options = [...(value && !USUAL_SIGNATURES.includes(value) ? [value] : []), ...USUAL_SIGNATURES];
  const choose = (words: string) => {
    const signature = signatureFrom(words);
    if (!signature || words === value) return;
    const back = asHeard !== undefined && words === signatureWords(asHeard);
    correcting.correct({ field: 'time_signature', said: back ? null : signature });
  };
  return (
    <Finding title="Bars" value={value || 'No time signature'} confidence={timeSignature?.confidence} said={said}>
      {!timeSignature && (
        <p className="text-muted">
          {whyAbsent(analysis.absences, Kind.TIME_SIGNATURE) ?? 'Still being listened for.'} You can say one.
        </p>
      )}
      {said && (
        <HeardBeside
          correcting={correcting}
          heard={asHeard && signatureWords(asHeard)}
          confidence={asHeard?.confidence}
          back={{ field: 'time_signature', said: null }}
          what="the time signature"
        />
      )}
      <Field label="Time signature" className="max-w-44">
        <Select
          value={value}
          options={[
            ...(value ? [] : [{ value: '', label: 'Choose' }]),
            ...options.map((words) => ({ value: words, label: words })),
          ]}
          onChange={choose}
        />
      </Field>
      <p className="text-muted">
        {beats
          ? `${beats.seconds.length} beats in ${barsOf(beats).length} bars. That the beats are right: ${sureWords(beats.confidence)}; that bars begin where they should: ${sureWords(beats.downbeatConfidence)}.`
          : (whyAbsent(analysis.absences, Kind.BEATS) ?? 'Beats are still being listened for.')}
      </p>
      <TheOne analysis={analysis} correcting={correcting} player={player} />
      {corrections?.downbeatSeconds !== undefined && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted">
          <span>
            You said: a bar begins at{' '}
            <span className="text-ink tabular-nums">{clock(corrections.downbeatSeconds, true)}</span>
          </span>
          <Button
            variant="quiet"
            size="small"
            aria-label="Take it back: where bars begin"
            onClick={() => correcting.correct({ field: 'downbeat_seconds', said: null })}
          >
            Take it back
          </Button>
        </div>
      )}
      <CorrectionFailure correcting={correcting} field="time_signature" />
      <CorrectionFailure correcting={correcting} field="downbeat_seconds" />
    </Finding>
  );
}

function TheOne({ analysis: { beats, durationSeconds }, correcting, player }: BarsFindingProps) {
  const [done, setDone] = useState('');
  const say = (seconds: number) => {
    correcting.correct({ field: 'downbeat_seconds', said: Math.min(seconds, durationSeconds) });
    setDone(`A bar begins at ${clock(seconds, true)} now.`);
  };
  const near = () => beats?.seconds[nearest(beats.seconds, player.position())];
  return (
    <div className="flex flex-col gap-2">
      <p className="text-muted text-sm">Is the one in the wrong place? Play, and press when you hear it:</p>
      <div className="flex flex-wrap gap-2">
        {beats && beats.seconds.length > 0 && (
          <Button size="small" onClick={() => say(near() ?? player.position())}>
            <Icon of={Crosshair} />
            This beat is the one
          </Button>
        )}
        <Button size="small" variant={beats ? 'quiet' : 'secondary'} onClick={() => say(player.position())}>
          {beats ? 'Beats are off: the one is exactly here' : 'A bar begins here'}
        </Button>
      </div>
      <p role="status" className="sr-only">
        {done}
      </p>
    </div>
  );
}

function sureWords(confidence: number): string {
  return `${sureness(confidence).words.toLowerCase()} (${percent(confidence)})`;
}
