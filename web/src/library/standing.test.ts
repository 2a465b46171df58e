// @vitest-environment jsdom
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { CardStatus, JobKind, JobSchema, TrackCardSchema } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { JobState, WorkSchema } from '@/api/gen/puremusic/job/v1/job_pb';
import { standingOf } from './standing';
import { jobsByTrack } from './track_jobs';

const card = (init: MessageInitShape<typeof TrackCardSchema>) =>
  create(TrackCardSchema, { trackId: 't', title: 'Song', ...init });
const job = (
  kind: JobKind,
  state: JobState,
  progress = 0,
  etaSeconds?: number,
  more: MessageInitShape<typeof JobSchema> = {},
) =>
  create(JobSchema, {
    jobId: `job ${kind}`,
    trackId: 't',
    kind,
    state,
    work: create(WorkSchema, etaSeconds === undefined ? { progress } : { progress, etaSeconds }),
    ...more,
  });

describe('standingOf', () => {
  it('says that a song is ready to mix', () => {
    const standing = standingOf(card({ status: CardStatus.SEPARATED }));
    expect(standing).toMatchObject({
      label: 'Ready to mix',
      tone: 'success',
      doing: [],
      troubles: [],
      needsFile: false,
      canSeparate: false,
    });
  });

  it('tells how far it is being taken apart and listened to, and what can be stopped', () => {
    const separation = job(JobKind.SEPARATION, JobState.RUNNING, 0.427, 130, { playableSeconds: 24.5 });
    const analysis = job(JobKind.ANALYSIS, JobState.PENDING);
    const standing = standingOf(card({ status: CardStatus.SEPARATING }), { separation, analysis });
    expect(standing.label).toBe('Being taken apart');
    expect(standing.doing).toEqual([
      {
        kind: 'separation',
        words: 'Taking apart: 42 %, about 2 minutes left',
        progress: 0.427,
        jobId: separation.jobId,
      },
      { kind: 'analysis', words: 'Waiting to be listened to', progress: undefined, jobId: analysis.jobId },
    ]);
    expect(standing.playableSeconds).toBe(24.5);
  });

  it('does not offer to stop a check: it can’t be stopped by itself', () => {
    const check = job(JobKind.IMPORT, JobState.RUNNING, 0.5);
    expect(standingOf(card({ status: CardStatus.CHECKING }), { check }).doing).toEqual([
      { kind: 'check', words: 'Checking: 50 %', progress: 0.5, jobId: undefined },
    ]);
  });

  it('offers a failed separation again, and a failed analysis', () => {
    const failure = { reason: 'INTERNAL', message: 'It went wrong on our side.' };
    const separated = standingOf(card({ status: CardStatus.FAILED, separationId: 's', failure }));
    expect(separated.label).toBe('Could not be taken apart');
    expect(separated.troubles).toEqual([{ words: 'It went wrong on our side.', again: 'separation' }]);
    const heard = standingOf(card({ status: CardStatus.SEPARATED, analysisFailure: failure }));
    expect(heard.troubles).toMatchObject([{ again: 'analysis' }]);
  });

  it('does not speak of a failed analysis while it is done again', () => {
    const analysisFailure = { reason: 'INTERNAL', message: 'x' };
    const analysis = job(JobKind.ANALYSIS, JobState.RUNNING);
    expect(standingOf(card({ status: CardStatus.SEPARATED, analysisFailure }), { analysis }).troubles).toEqual([]);
  });

  it('offers a check again only where that may end otherwise', () => {
    const ours = standingOf(
      card({ status: CardStatus.FAILED, failure: { reason: 'DEADLINE_EXCEEDED', message: 'Too slow.' } }),
    );
    expect(ours.troubles).toEqual([{ words: 'Too slow.', again: 'check' }]);
    const theirs = standingOf(
      card({ status: CardStatus.FAILED, failure: { reason: 'NOT_AUDIO', message: 'No song.' } }),
    );
    expect(theirs).toMatchObject({
      label: 'Can’t be used',
      troubles: [{ words: 'No song. Delete this one here.', again: undefined }],
    });
  });

  it('asks for the file of what nobody is sending, and not of what has just arrived', () => {
    expect(standingOf(card({ status: CardStatus.AWAITING_UPLOAD }))).toMatchObject({
      needsFile: true,
      tone: 'warning',
    });
    expect(standingOf(card({ status: CardStatus.AWAITING_UPLOAD }), {}, true)).toMatchObject({
      needsFile: false,
      label: 'Being checked',
    });
  });

  it('offers to take apart what nobody takes apart', () => {
    expect(standingOf(card({ status: CardStatus.UPLOADED }))).toMatchObject({
      canSeparate: true,
      label: 'Not taken apart',
    });
    // It has just been brought: that begins by itself in a moment.
    expect(standingOf(card({ status: CardStatus.UPLOADED }), {}, true)).toMatchObject({
      canSeparate: false,
      label: 'Being taken apart',
    });
    expect(standingOf(card({ status: CardStatus.UPLOADED, separationId: 'stopped' }), {}, true).canSeparate).toBe(true);
  });
});

describe('jobsByTrack', () => {
  it('keeps what is under way, of several of a kind the newest', () => {
    const newest = job(JobKind.SEPARATION, JobState.RUNNING, 0, undefined, { jobId: 'newest' });
    const older = job(JobKind.SEPARATION, JobState.RUNNING, 0, undefined, { jobId: 'older' });
    const over = job(JobKind.ANALYSIS, JobState.COMPLETED);
    const fusion = job(JobKind.FUSION, JobState.RUNNING, 0, undefined, { trackId: '' });
    const found = jobsByTrack([newest, over, older, fusion]);
    expect([...found.keys()]).toEqual(['t']);
    expect(found.get('t')).toEqual({ separation: newest });
  });
});
