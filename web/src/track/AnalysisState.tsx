import { useMutation } from '@tanstack/react-query';
import { analyses } from '@/api/clients';
import { failureOf } from '@/api/failures';
import { JobKind } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { type Analysis, AnalysisStatus } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { keys, queryClient } from '@/api/queries';
import { Button, Notice } from '@/design';
import { useUnderWay } from './jobs';
import { WorkLine } from './WorkLine';

interface AnalysisStateProps {
  readonly trackId: string;
  readonly analysis: Analysis | null;
}

/** How the listening stands: under way, failed, stopped or not begun. Silent when it is done. */
export function AnalysisState({ trackId, analysis }: AnalysisStateProps) {
  const job = useUnderWay(trackId, JobKind.ANALYSIS);
  const shown = (told: Analysis) => queryClient.setQueryData(keys.analysis(trackId), told);
  const listening = useMutation({ mutationFn: () => analyses.createAnalysis({ trackId }), onSuccess: shown });
  const stopping = useMutation({ mutationFn: () => analyses.cancelAnalysis({ trackId }), onSuccess: shown });
  const listen = (words: string) => (
    <Button size="small" busy={listening.isPending} onClick={() => listening.mutate()}>
      {words}
    </Button>
  );
  const error = listening.error ?? stopping.error;
  const told = error && <Notice kind="error">{failureOf(error).message}</Notice>;
  if (job) {
    return (
      <>
        <WorkLine
          title={analysis?.tempo || analysis?.key ? 'Listening more closely' : 'Listening to the song'}
          state={job.state}
          work={job.work}
          action={
            <Button variant="quiet" size="small" busy={stopping.isPending} onClick={() => stopping.mutate()}>
              Stop listening
            </Button>
          }
        >
          {analysis?.provisional && 'What you see are first findings; chords and parts follow.'}
        </WorkLine>
        {told}
      </>
    );
  }
  if (!analysis) {
    return (
      <>
        <Notice kind="info" title="Nobody has listened to this song yet" action={listen('Listen to it')}>
          Its tempo, key, beats and parts are found by listening; that takes a minute or so.
        </Notice>
        {told}
      </>
    );
  }
  if (analysis.status === AnalysisStatus.FAILED) {
    return (
      <>
        <Notice kind="error" title="Listening to this song failed" action={listen('Listen again')}>
          {analysis.work?.failure?.message ?? 'Try again in a while.'}{' '}
          {analysis.provisional && 'First findings are kept.'}
        </Notice>
        {told}
      </>
    );
  }
  if (analysis.status === AnalysisStatus.CANCELLED) {
    return (
      <>
        <Notice kind="warning" title="Listening to this song was stopped" action={listen('Listen again')}>
          {analysis.provisional ? 'What you see are first findings.' : 'What was found before is kept.'}
        </Notice>
        {told}
      </>
    );
  }
  return told;
}
