import { useLocation } from 'wouter';
import { CardStatus, type TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { Button, Notice } from '@/design';
import { useMix } from '@/mixer/mix';
import { addToMix } from './deeds';

/** What comes next, once there are two songs to mix and nobody has begun to. */
export function ReadyNotice({ cards }: { readonly cards: readonly TrackCard[] }) {
  const empty = useMix((mix) => mix.voices.length === 0);
  const [, go] = useLocation();
  const [first, second] = cards.filter((card) => card.status === CardStatus.SEPARATED);
  if (!empty || !first || !second) return null;
  const mix = () => {
    addToMix(first);
    addToMix(second);
    go('/mix');
  };
  return (
    <Notice
      kind="success"
      title="Two songs are ready"
      action={
        <Button variant="primary" size="small" onClick={mix}>
          Mix them
        </Button>
      }
    >
      Hear the parts of “{first.title}” and “{second.title}” together, or add others to your mix below.
    </Notice>
  );
}
