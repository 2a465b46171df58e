import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { APIRequestContext, APIResponse } from '@playwright/test';
import { expect } from '@playwright/test';

export interface Person {
  readonly email: string;
  readonly password: string;
}

export const PASSWORD = 'correct horse battery';
const AT_ONCE = 4;

/** Somebody with an account of their own, who is signed in nowhere. */
export async function newPerson(request: APIRequestContext, url: string): Promise<Person> {
  const person = { email: `${randomUUID().slice(0, 12)}@example.org`, password: PASSWORD };
  await Api.post(request, `${url}/api/v1/auth/register`, { ...person, acceptedTermsVersion: '1' });
  return person;
}

/** The public API, as a program of this person uses it. */
export class Api {
  private constructor(
    private readonly request: APIRequestContext,
    private readonly url: string,
    private readonly token: string,
  ) {}

  static async of(request: APIRequestContext, url: string, person: Person): Promise<Api> {
    const { email, password } = person;
    const session = await Api.post(request, `${url}/api/v1/auth/login`, { email, password });
    return new Api(request, url, session.accessToken);
  }

  static async post(request: APIRequestContext, address: string, data: object, token?: string) {
    const response = await request.post(address, {
      data,
      ...(token && { headers: { authorization: `Bearer ${token}` } }),
    });
    return answer(response);
  }

  async get(path: string) {
    return answer(await this.request.get(`${this.url}${path}`, { headers: { authorization: `Bearer ${this.token}` } }));
  }

  post(path: string, data: object = {}) {
    return Api.post(this.request, `${this.url}${path}`, data, this.token);
  }

  async delete(path: string) {
    return answer(
      await this.request.delete(`${this.url}${path}`, { headers: { authorization: `Bearer ${this.token}` } }),
    );
  }

  /** Brings a song in, as a client does; returns its track's id. `process`: have it separated and analysed. */
  async bring(path: string, { title = basename(path), process = true } = {}): Promise<string> {
    const content = await readFile(path);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const wish = { filename: basename(path), sizeBytes: content.length, sha256, rightsConfirmed: true, title, process };
    const { track, upload } = await this.post('/api/v1/tracks', wish);
    if (upload.post) {
      const file = { name: basename(path), mimeType: 'application/octet-stream', buffer: content };
      await done(await this.request.post(upload.post.url, { multipart: { ...upload.post.fields, file } }));
    } else {
      for (const part of upload.parts.missing) {
        const begin = (part.number - 1) * Number(upload.parts.partSize);
        await done(await this.request.put(part.url, { data: content.subarray(begin, begin + Number(part.sizeBytes)) }));
      }
    }
    await this.post(`/api/v1/tracks/${track.trackId}:completeUpload`);
    // The library hears of it by an event.
    await expect(() => this.get(`/api/v1/library/${track.trackId}`)).toPass({ timeout: 30_000 });
    return track.trackId;
  }

  /** Announces songs whose bytes never come, `song 0001` and on: the library lists them like all others. */
  async announce(count: number): Promise<void> {
    const names = Array.from({ length: count }, (_, at) => `song ${String(at + 1).padStart(4, '0')}`);
    const lane = async () => {
      for (let title = names.shift(); title; title = names.shift()) {
        await this.post('/api/v1/tracks', { filename: `${title}.flac`, sizeBytes: 1000, rightsConfirmed: true, title });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    const listed = async () => Number((await this.get('/api/v1/library?pageSize=1')).total);
    await expect.poll(listed, { timeout: 60_000 }).toBe(count);
  }

  /** Waits until a song that was brought without processing has been checked. */
  async checked(trackId: string): Promise<void> {
    const status = async () => (await this.get(`/api/v1/library/${trackId}`)).status;
    await expect.poll(status, { timeout: 60_000 }).toBe('CARD_STATUS_UPLOADED');
  }

  /** Waits until a song was taken apart and heard. */
  async apart(trackId: string): Promise<void> {
    const state = async () => {
      const card = await this.get(`/api/v1/library/${trackId}`);
      return { status: card.status, heard: Boolean(card.key), failure: card.failure?.reason ?? '' };
    };
    const wanted = { status: 'CARD_STATUS_SEPARATED', heard: true, failure: '' };
    await expect.poll(state, { timeout: 180_000, intervals: [500] }).toEqual(wanted);
  }
}

async function done(response: APIResponse): Promise<void> {
  expect(response.ok(), `${response.url()}: ${response.status()} ${await response.text()}`).toBe(true);
}

// biome-ignore lint/suspicious/noExplicitAny: the REST API's JSON, whose types would be written twice
async function answer(response: APIResponse): Promise<any> {
  await done(response);
  return response.json();
}
