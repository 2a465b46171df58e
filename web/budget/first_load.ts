import { gzipSync } from 'node:zlib';
import type { Plugin, Rollup } from 'vite';

type Chunks = ReadonlyMap<string, Rollup.OutputChunk>;

/** The build fails when a page, whichever is opened first, needs more JavaScript than so many bytes, gzipped. */
export function firstLoad(limit: number): Plugin {
  return {
    name: 'first-load',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const chunks: Chunks = new Map(
          Object.values(bundle).flatMap((each) => (each.type === 'chunk' ? [[each.fileName, each] as const] : [])),
        );
        const entry = [...chunks.values()].find((chunk) => chunk.isEntry);
        if (!entry) this.error('there is no entry');
        for (const page of ['', ...entry.dynamicImports]) {
          const bytes = size(chunks, [entry.fileName, page]);
          const words = `${page || 'the shell'}: ${(bytes / 1000).toFixed(0)} kB of JavaScript, gzipped, at the first load`;
          if (bytes > limit) this.error(`${words}; ${limit / 1000} are allowed`);
          this.info(words);
        }
      },
    },
  };
}

/** All that is fetched before these chunks run. */
function size(chunks: Chunks, names: string[]): number {
  const needed = new Set<string>();
  const visit = (name: string) => {
    const chunk = chunks.get(name);
    if (!chunk || needed.has(name)) return;
    needed.add(name);
    chunk.imports.forEach(visit);
  };
  names.forEach(visit);
  return [...needed].reduce((sum, name) => sum + gzipSync(chunks.get(name)?.code ?? '').length, 0);
}
