import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { AbsenceReason, AbsenceSchema, Finding } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { absenceReason, absentThing, whyAbsent } from './absences';

const told = (finding: Finding, reason: AbsenceReason) => create(AbsenceSchema, { finding, reason });
const named = (numbers: object) =>
  Object.values(numbers).filter((one) => typeof one === 'number' && one > 0) as number[];

describe('absences', () => {
  it('have plain words for every finding and reason of the contract', () => {
    for (const finding of named(Finding))
      expect(absentThing(told(finding, AbsenceReason.SILENT))).not.toBe('Something');
    for (const reason of named(AbsenceReason))
      expect(absenceReason(told(Finding.KEY, reason))).not.toBe('it could not be told');
  });

  it('say nothing of what is not absent', () => {
    const absences = [told(Finding.TEMPO, AbsenceReason.NO_PULSE)];
    expect(whyAbsent(absences, Finding.TEMPO)).toBe('Not heard: there is no pulse that goes on evenly.');
    expect(whyAbsent(absences, Finding.KEY)).toBeUndefined();
  });
});
