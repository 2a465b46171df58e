import { create } from 'zustand';
import { session } from '@/api/session';
import { checkFile, type Problem } from './checks';
import { uploadQueue } from './uploading';

/** A file that somebody wants to bring, and what was seen of it. */
export interface ChosenFile {
  readonly key: number;
  readonly file: File;
  /** `checking`, fine, or what is wrong with it. */
  readonly verdict: 'checking' | 'fine' | Problem;
}

interface Chosen {
  readonly files: readonly ChosenFile[];
  /** One tick for all that are here together. */
  readonly rightsConfirmed: boolean;
}

const NONE: Chosen = { files: [], rightsConfirmed: false };

/** What was chosen or dropped and is not on its way yet. */
export const useChosen = create<Chosen>(() => NONE);

let next = 0;
let userId = session.user()?.userId;

session.subscribe(() => {
  const now = session.user()?.userId;
  if (now !== userId) unchooseAll(); // what somebody else chose is nobody's business
  userId = now;
});

/** Takes files in hand: those of unfinished uploads go on at once, the others are checked and wait for a yes. */
export async function chooseFiles(files: readonly File[]): Promise<void> {
  const here = useChosen.getState().files;
  const added = uploadQueue
    .takeUp(files)
    .filter((file) => !here.some((each) => same(each.file, file)))
    .map((file): ChosenFile => ({ key: next++, file, verdict: 'checking' }));
  useChosen.setState(({ files }) => ({ files: [...files, ...added] }));
  await Promise.all(added.map(check));
}

async function check({ key, file }: ChosenFile): Promise<void> {
  const verdict = (await checkFile(file)) ?? 'fine';
  useChosen.setState(({ files }) => ({ files: files.map((each) => (each.key === key ? { ...each, verdict } : each)) }));
}

export const confirmRights = (rightsConfirmed: boolean): void => useChosen.setState({ rightsConfirmed });

/** Takes a file out of the hand again. */
export function unchoose(key: number): void {
  const files = useChosen.getState().files.filter((each) => each.key !== key);
  useChosen.setState(files.length > 0 ? { files } : NONE);
}

export const unchooseAll = (): void => useChosen.setState(NONE);

/** Sends what is fine on its way. Only after the rights were confirmed. */
export function bringChosen(): void {
  const { files, rightsConfirmed } = useChosen.getState();
  if (!rightsConfirmed) return;
  uploadQueue.add(files.filter(({ verdict }) => verdict === 'fine').map(({ file }) => file));
  unchooseAll();
}

const same = (a: File, b: File) => a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
