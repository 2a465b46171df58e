import { describe, expect, it } from 'vitest';
import type { Failure } from '@/api/failures';
import { obstacleOf } from './obstacles';

const failure = (reason: string, metadata: Record<string, string> = {}, retryable = false): Failure => ({
  reason,
  message: 'As the API says.',
  retryable,
  metadata,
});
const kinds = (...of: Parameters<typeof failure>) => obstacleOf(failure(...of)).remedies.map(({ kind }) => kind);

describe('what stands in the way', () => {
  it('can be waited for, or gone around', () => {
    expect(obstacleOf(failure('ANALYSIS_NOT_READY', { track_id: 'a' })).remedies).toEqual([
      { kind: 'analysis', trackId: 'a' },
      { kind: 'unmatched' },
    ]);
    expect(obstacleOf(failure('STEM_NOT_READY', { track_id: 'a' })).remedies).toEqual([
      { kind: 'separation', trackId: 'a' },
    ]);
  });

  it('is a target that can be left to PureMusic, or corrected in its song', () => {
    expect(obstacleOf(failure('TARGET_TRACK_WITHOUT_KEY', { track_id: 'a' })).remedies).toEqual([
      { kind: 'automatic', target: 'key' },
      { kind: 'track', trackId: 'a' },
    ]);
    expect(kinds('TARGET_TEMPO_OUT_OF_REACH')).toEqual(['automatic']);
    expect(kinds('TEMPI_TOO_FAR_APART')).toEqual(['unmatched']);
  });

  it('is the mix, the length, or the place of the preview', () => {
    expect(kinds('STEM_NOT_FOUND', { track_id: 'a' })).toEqual(['mix', 'track']);
    expect(kinds('NO_STEMS')).toEqual(['mix']);
    expect(kinds('SONG_TOO_LONG')).toEqual(['whole-length']);
    const late = obstacleOf(failure('PREVIEW_OUT_OF_RANGE', { song_seconds: '40.2' }));
    expect(late.remedies).toEqual([{ kind: 'preview-start', seconds: 25.200000000000003 }]);
    expect(late.message).toBe('The song is 40 seconds long: choose an earlier place to listen to.');
  });

  it('is worth another try where it passes by itself', () => {
    expect(kinds('OFFLINE', {}, true)).toEqual(['retry']);
    expect(kinds('TOO_MANY_JOBS')).toEqual(['retry']);
    expect(kinds('PERMISSION_DENIED')).toEqual([]);
  });

  it('is said in the words of the page', () => {
    const { message } = obstacleOf(
      failure('SETTING_OUT_OF_RANGE', { setting: 'loudness_lufs', low: '-40', high: '-6' }),
    );
    expect(message).toBe('The loudness must lie between -40 and -6. Change it, then try again.');
    expect(obstacleOf(failure('WHATEVER')).message).toBe('As the API says.');
  });
});
