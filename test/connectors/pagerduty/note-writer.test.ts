import { describe, expect, it } from 'vitest';
import { noteTaker } from '../../../connectors/pagerduty/note-writer.ts';
import type { NoteAccess, SourceError } from '../../../src/contract/index.ts';
import { wordNote } from '../../../src/core/own-note.ts';
import { plainKit } from '../../support/streams.ts';
import { INCIDENT, openSource, sampleWorld, TOKEN } from './support.ts';

const WRITE = 'demo-pagerduty-write-token';
const TEXT = wordNote(`https://hindcast.acme.com/incidents/pagerduty~${INCIDENT}/draft`, `sha256:${'a'.repeat(64)}`);
const signal = new AbortController().signal;

/** The writer over the stand-in, with the token and the name that a test gives it. */
async function openWriter(access: Partial<NoteAccess> = {}, token = WRITE) {
  const source = await openSource();
  const [person] = sampleWorld().people;
  const kit = plainKit({ PAGERDUTY_TOKEN: TOKEN, PAGERDUTY_NOTE_TOKEN: token });
  const config = { connector: 'pagerduty' as const, token_env: 'PAGERDUTY_TOKEN', base_url: source.standIn.url };
  const from = person?.email ?? '';
  const writer = noteTaker.open(config, { token_env: 'PAGERDUTY_NOTE_TOKEN', from, ...access }, kit);
  const posts = () => source.standIn.requests.filter(({ method }) => method === 'POST');
  return { source, writer, posts };
}

describe('a note to an incident', () => {
  it('U1.1 is written once, with a token and a name of its own (From), and known to stand the next time', async () => {
    const { source, writer, posts } = await openWriter();
    await using _ = source;
    expect(await writer.write(INCIDENT, TEXT, signal)).toBe('written');
    expect(await writer.write(INCIDENT, TEXT, signal)).toBe('stood');
    expect(posts().map(({ path, body, status }) => [path, body, status])).toEqual([
      [`/incidents/${INCIDENT}/notes`, JSON.stringify({ note: { content: TEXT } }), 200],
    ]);
  });

  it('whose answer was lost on the way is found, not written again', async () => {
    const { source, writer, posts } = await openWriter();
    await using _ = source;
    source.standIn.fail({ path: /^POST/, mode: 'reset', times: 1 });
    await expect(writer.write(INCIDENT, TEXT, signal)).rejects.toMatchObject({ reason: 'unavailable' });
    expect(await writer.write(INCIDENT, TEXT, signal)).toBe('stood');
    expect(posts()).toHaveLength(1);
  });

  it('U1.2 that is refused for its rate is sent once and no more: the library would send it four times', async () => {
    const { source, writer, posts } = await openWriter();
    await using _ = source;
    source.standIn.fail({ path: /^POST/, mode: 429, headers: { 'ratelimit-reset': '7' } });
    await expect(writer.write(INCIDENT, TEXT, signal)).rejects.toMatchObject({ reason: 'rate_limited', retryAfterMs: 7_000 });
    expect(posts()).toHaveLength(1);
  });

  it('is sent nowhere else: a redirect ends it, inside the origin too', async () => {
    const { source, writer, posts } = await openWriter();
    await using _ = source;
    for (const location of ['https://elsewhere.example/notes', `${source.standIn.url}/incidents/${INCIDENT}/other`]) {
      source.standIn.fail({ path: /^POST/, mode: 'rewrite', times: 1, rewrite: () => ({ status: 307, headers: { location }, body: {} }) });
      await expect(writer.write(INCIDENT, `${TEXT} ${location}`, signal)).rejects.toMatchObject({ reason: 'unexpected_response' });
    }
    expect(posts()).toHaveLength(2);
  });
});

describe('the check of whether notes can be written', () => {
  it('says yes and writes nothing', async () => {
    const { source, writer, posts } = await openWriter();
    await using _ = source;
    expect(await writer.check(signal)).toEqual({ name: 'note', ok: true, detail: 'notes can be written' });
    expect(posts().map(({ status }) => status)).toEqual([404]);
  });

  it.each([
    ['a token that may only read', {}, TOKEN, /the token needs incidents\.write/],
    ['a token that nobody knows', {}, 'unknown-token-of-nobody', /refuses the token/],
    ['a name that PagerDuty does not know', { from: 'nobody@acme.com' }, WRITE, /Requester User Not Found/],
  ] as const)('names what is missing: %s', async (_name, access, token, expected) => {
    const { source, writer } = await openWriter(access, token);
    await using _ = source;
    const { ok, detail } = await writer.check(signal);
    expect(ok).toBe(false);
    expect(detail).toMatch(expected);
    expect(detail).toContain('webhooks.pagerduty.note');
    expect(detail).not.toContain(token);
  });

  it('a cancelled one is an error of the source, as every call is', async () => {
    const { source, writer } = await openWriter();
    await using _ = source;
    const error: SourceError = await writer.write(INCIDENT, TEXT, AbortSignal.abort(new Error('stopped'))).then(
      () => Promise.reject(new Error('it was written')),
      (reason) => reason,
    );
    expect(error.reason).toBe('unavailable');
  });
});
