import { execFile } from 'node:child_process';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rename } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const PROJECT = here('../../..');
const PLACE = join(PROJECT, 'build', 'listening');
const SOUNDS = join(PLACE, 'sounds');
const PAGE = join(PLACE, 'page');

/** As strict as the gateway's, so that the engine's worker, worklet and WebAssembly are what it lets through. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'";

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.flac': 'audio/flac',
  '.f32': 'application/octet-stream',
};

export interface BenchServer {
  readonly url: string;
  /** Answers nothing but errors for sounds from so many bytes on, until told otherwise. */
  breakSoundsAfter(bytes: number | undefined): void;
  close(): Promise<void>;
}

/** Builds the bench's page and its sounds, and serves them. */
export async function startBench(): Promise<BenchServer> {
  await makeSounds();
  await build({
    configFile: false,
    logLevel: 'warn',
    root: here('./bench'),
    base: './',
    resolve: { alias: [{ find: '@', replacement: here('../../src') }] },
    build: {
      outDir: PAGE,
      emptyOutDir: true,
      target: 'es2023',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
    worker: { format: 'es' },
  });
  let broken: number | undefined;
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = path.startsWith('/sounds/')
      ? join(SOUNDS, path.slice(8))
      : join(PAGE, path === '/' ? 'index.html' : path);
    const headers = { 'content-security-policy': POLICY, 'cache-control': 'no-store', 'accept-ranges': 'bytes' };
    // Browsers ask for an icon by themselves.
    if (path === '/favicon.ico') {
      response.writeHead(204, headers).end();
      return;
    }
    if (!existsSync(file)) {
      response.writeHead(404, headers).end();
      return;
    }
    const { size } = statSync(file);
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (broken !== undefined && extname(file) === '.flac' && from >= broken) {
      response.writeHead(503, headers).end();
      return;
    }
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    const length = { 'content-type': type, 'content-length': size - from };
    response.writeHead(from > 0 ? 206 : 200, { ...headers, ...length });
    if (broken !== undefined && extname(file) === '.flac') {
      createReadStream(file, { start: from, end: broken - 1 })
        .on('end', () => response.destroy())
        .pipe(response, { end: false });
    } else {
      createReadStream(file, { start: from }).pipe(response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}/`,
    breakSoundsAfter: (bytes) => {
      broken = bytes;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function makeSounds(): Promise<void> {
  if (existsSync(SOUNDS)) return;
  const python = process.env['PUREMUSIC_PYTHON'] ?? join(PROJECT, '.venv', 'bin', 'python');
  await mkdir(PLACE, { recursive: true });
  const draft = await mkdtemp(join(PLACE, 'sounds-'));
  await promisify(execFile)(python, ['-m', 'tests.servers.listening_sounds', draft], { cwd: PROJECT });
  await rename(draft, SOUNDS);
}

function portOf(server: Server): number {
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('The bench has no port.');
  return address.port;
}
