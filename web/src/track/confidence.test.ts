import { describe, expect, it } from 'vitest';
import { percent, sureness } from './confidence';

describe('sureness', () => {
  it('calls sure what is right 19 times in 20', () => {
    expect([1, 0.8, 0.79, 0.5, 0.49, 0.25, 0.24, 0].map((confidence) => sureness(confidence).words)).toEqual([
      'Sure',
      'Sure',
      'Fairly sure',
      'Fairly sure',
      'Not sure',
      'Not sure',
      'Only a guess',
      'Only a guess',
    ]);
  });

  it('sends people to their ears where it is doubtful', () => {
    expect(sureness(0.4).doubtful).toBe(true);
    expect(sureness(0.6).doubtful).toBe(false);
  });
});

describe('percent', () => {
  it('never says 100 % of what is not certain', () => {
    expect(percent(0.997)).toBe('99 %');
    expect(percent(1)).toBe('100 %');
    expect(percent(0.004)).toBe('0 %');
  });
});
