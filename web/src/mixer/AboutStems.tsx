import { useQuery } from '@tanstack/react-query';
import { separations } from '@/api/clients';
import { keys } from '@/api/queries';

/** A plain word on what stems are, and on the licence of what made them. */
export function AboutStems({ models }: { readonly models: readonly string[] }) {
  const known = useQuery({ queryKey: keys.models(), queryFn: ({ signal }) => separations.listModels({}, { signal }) });
  // A stem's model is its network; where several made the stems, each has its word.
  const used = (known.data?.models ?? []).filter((model) => models.includes(model.name));
  return (
    <details className="rounded-card border border-line p-4 text-muted">
      <summary className="font-medium text-ink">About these stems</summary>
      <p className="mt-2 max-w-prose">
        A computer has guessed them from the finished song. Heard alone, you may notice traces of other instruments, a
        watery shimmer, or a dull moment; together they hide one another, and all stems of a song add up to it.
      </p>
      {used.map((model) => (
        <p key={model.name} className="mt-2 max-w-prose">
          Made by <strong className="font-medium text-ink">{model.name}</strong>. Licence of its trained weights:{' '}
          {model.license}.
        </p>
      ))}
    </details>
  );
}
