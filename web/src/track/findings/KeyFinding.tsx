import { Piano } from 'lucide-react';
import { useState } from 'react';
import { type Analysis, Finding as Kind } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { Badge, Button, Icon } from '@/design';
import { clock } from '@/listening';
import { whyAbsent } from '../absences';
import { percent } from '../confidence';
import type { Correcting } from '../correcting';
import { isSaid } from '../corrections';
import { type KeyName, keyOf, sameKey } from '../pitch';
import { CorrectionFailure } from './CorrectionFailure';
import { Finding } from './Finding';
import { HeardBeside } from './HeardBeside';
import { KeyPicker } from './KeyPicker';

interface KeyFindingProps {
  readonly analysis: Analysis;
  readonly correcting: Correcting;
}

/** The key: what was heard, what it could be as well, and a picker. */
export function KeyFinding({ analysis, correcting }: KeyFindingProps) {
  const [picking, setPicking] = useState(false);
  const { key, keySections } = analysis;
  const said = isSaid(analysis, 'key');
  const heard = analysis.heard?.key ?? (said ? undefined : key);
  const runnerUp = heard?.runnerUp;
  const say = (name: KeyName) => {
    const asHeard = sameKey(name, keyOf(heard));
    if (!asHeard || said) correcting.correct({ field: 'key', said: asHeard ? null : name });
  };
  const other = keyOf(runnerUp);
  return (
    <Finding
      title="Key"
      value={key ? <KeyValue name={key.name} camelot={key.camelot} /> : 'No key'}
      confidence={key?.confidence}
      said={said}
    >
      {!key && (
        <p className="text-muted">
          {whyAbsent(analysis.absences, Kind.KEY) ?? 'Still being listened for.'} You can say one.
        </p>
      )}
      {said && (
        <HeardBeside
          correcting={correcting}
          heard={heard && `${heard.name} (${heard.camelot})`}
          confidence={heard?.confidence}
          back={{ field: 'key', said: null }}
          what="the key"
        />
      )}
      {runnerUp && other && !sameKey(other, keyOf(key)) && (
        <div className="flex flex-wrap items-center gap-2">
          <span className="text-muted text-sm">It could also be</span>
          <Button size="small" onClick={() => say(other)}>
            {runnerUp.name}{' '}
            <span className="font-normal text-muted">
              {runnerUp.camelot}, {percent(runnerUp.confidence)}
            </span>
          </Button>
        </div>
      )}
      {keySections.length > 1 && (
        <div>
          <p className="text-muted text-sm">It changes on the way:</p>
          <ul className="mt-1 flex flex-wrap gap-x-4 gap-y-1">
            {keySections.map((part) => (
              <li key={part.startSeconds}>
                <span className="text-muted tabular-nums">{clock(part.startSeconds)}</span> {part.key?.name}
              </li>
            ))}
          </ul>
        </div>
      )}
      <div>
        <Button onClick={() => setPicking(true)}>
          <Icon of={Piano} />
          Choose the key
        </Button>
      </div>
      <KeyPicker open={picking} onOpenChange={setPicking} current={keyOf(key)} onPick={say} />
      <CorrectionFailure correcting={correcting} field="key" />
    </Finding>
  );
}

function KeyValue({ name, camelot }: { readonly name: string; readonly camelot: string }) {
  return (
    <span className="inline-flex items-center gap-2.5">
      {name}
      <Badge className="font-sans">
        <span className="sr-only">Camelot </span>
        {camelot}
      </Badge>
    </span>
  );
}
