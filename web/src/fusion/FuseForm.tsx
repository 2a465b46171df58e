import { useMutation } from '@tanstack/react-query';
import { Sparkles } from 'lucide-react';
import { useLocation } from 'wouter';
import { fusions } from '@/api/clients';
import { failureOf } from '@/api/failures';
import type { CreateFusionRequest } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { keys, queryClient } from '@/api/queries';
import { Button, Card, Field, Icon, TextInput } from '@/design';
import { useMix } from '@/mixer/mix';
import { attemptFor } from './attempt';
import { choose, useFuse } from './fuse_state';
import { ObstacleNotice } from './ObstacleNotice';
import { fingerprint } from './request';
import type { Songs } from './songs';

const LONGEST_TITLE = 200;
const CONFLICT = 'IDEMPOTENCY_CONFLICT';

interface FuseFormProps {
  readonly request: CreateFusionRequest;
  readonly songs: Songs;
  /** What has to be settled first, in words. */
  readonly obstacle: string | undefined;
}

/** The song's title, and the button that all of this is for. */
export function FuseForm({ request, songs, obstacle }: FuseFormProps) {
  const title = useMix((mix) => mix.title);
  const rename = useMix((mix) => mix.rename);
  const creation = useFusing(request);
  const blocked = obstacle !== undefined;
  return (
    <Card className="flex flex-col gap-4">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!blocked && !creation.isPending) creation.mutate();
        }}
      >
        <Field label="Title" hint="Without one it is named after its stems.">
          <TextInput value={title} maxLength={LONGEST_TITLE} onChange={(event) => rename(event.target.value)} />
        </Field>
        <Button type="submit" variant="primary" size="large" busy={creation.isPending} disabled={blocked}>
          <Icon of={Sparkles} />
          Fuse
        </Button>
      </form>
      {blocked && <p className="text-muted text-sm">{obstacle}</p>}
      {creation.error && !creation.isPending && (
        <ObstacleNotice
          failure={failureOf(creation.error)}
          songs={songs}
          onRetry={() => creation.mutate()}
          retrying={creation.isPending}
        />
      )}
    </Card>
  );
}

/** Sends the wish, the same one with the same key however often, and leads to the song. */
function useFusing(request: CreateFusionRequest) {
  const [, navigate] = useLocation();
  return useMutation({
    mutationFn: async () => {
      const attempt = attemptFor(useFuse.getState().sending ?? undefined, fingerprint(request));
      useFuse.setState({ sending: attempt });
      return await fusions.createFusion({ ...request, idempotencyKey: attempt.key });
    },
    onError: (error) => {
      // The key belongs to another wish by now: the next try is a wish of its own.
      if (failureOf(error).reason === CONFLICT) useFuse.setState({ sending: null });
    },
    onSuccess: (made) => {
      useFuse.setState({ sending: null });
      choose({ parentFusionId: '' });
      queryClient.setQueryData(keys.fusion(made.fusionId), made);
      void queryClient.invalidateQueries({ queryKey: keys.fusions() });
      navigate(`/fusions/${made.fusionId}`);
    },
  });
}
