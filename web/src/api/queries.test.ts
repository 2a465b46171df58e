// @vitest-environment jsdom
import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { JobKind, JobSchema } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { keys, touchedBy } from './queries';

test.each([
  [JobKind.IMPORT, { jobId: 't1' }, [keys.card('t1'), keys.cards()]],
  [JobKind.SEPARATION, { jobId: 's1', trackId: 't1' }, [keys.card('t1'), keys.cards(), keys.stems('t1')]],
  [JobKind.ANALYSIS, { jobId: 'a1', trackId: 't1' }, [keys.card('t1'), keys.cards(), keys.analysis('t1')]],
  [JobKind.FUSION, { jobId: 'f1' }, [keys.fusion('f1'), keys.fusions()]],
])('a job of kind %i makes stale what it changes', (kind, named, touched) => {
  expect(touchedBy(create(JobSchema, { kind, ...named }))).toEqual(touched);
});

test('a list’s key begins with its kind’s', () => {
  expect(keys.cards({ search: 'x' }).slice(0, 1)).toEqual(keys.cards());
});
