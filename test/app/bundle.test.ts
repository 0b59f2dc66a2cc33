import { describe, expect, it } from 'vitest';
import { APP_ERRORS, type AppError } from '../../src/app/errors.ts';
import { canonical, digest } from '../../src/core/digest.ts';
import type { Json } from '../../src/core/evidence.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { openTestApp, sourcesOf } from './fakes.ts';
import { smallForge, smallPager, smallWorld } from './small-world.ts';

async function sample() {
  const pager = smallPager(smallWorld());
  const forge = smallForge(smallWorld());
  const services = [{ name: 'api', owns: { pager: { services: ['API'] }, forge: {} }, depends_on: [] }];
  const opened = await openTestApp(sourcesOf({ pager, forge }), { services });
  const drafted = await opened.app.draft({ select: { kind: 'incident', id: 'PABC' }, authors: ['Jane Doe'] });
  const text = await opened.app.exportBundle('PABC', { roles: false });
  return { ...opened, drafted, text, pager, forge };
}

/** The same connectors with no source configured: what another laptop has. */
async function elsewhere() {
  const known = sourcesOf({ pager: smallPager(smallWorld()), forge: smallForge(smallWorld()) });
  return await openTestApp({
    ...known,
    names: [],
    connectorOf: (_name, normalizer) => known.connectors.find((connector) => connector.normalizer === normalizer),
    open: (name) => {
      throw new Error(`${name} was opened, and a bundle needs no source`);
    },
  });
}

function linesOf(text: string): { kind: string; hash: string; value: { [key: string]: Json } }[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Writes lines back, each as the format wants it; with `honest` the hashes and the root are made again. */
function written(lines: ReturnType<typeof linesOf>, honest: boolean): string {
  const hashed = lines.map((line) => (honest ? { ...line, hash: digest(line.value) } : line));
  const root = digest(hashed.slice(1).map(({ hash }) => hash));
  const all = hashed.map((line) => {
    if (!honest || line.kind !== 'manifest') return line;
    const value = { ...line.value, root };
    return { ...line, value, hash: digest(value) };
  });
  return all.map(({ kind, hash, value }) => `{"kind":"${kind}","hash":"${hash}","value":${canonical(value)}}\n`).join('');
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => 'accepted',
    (error: AppError) => `${APP_ERRORS[error.code].exit} ${error.message}`,
  );
}

describe('a bundle', () => {
  it('is a manifest, then evidence sorted by id, each line with its hash, all in canonical form', async () => {
    const { text, drafted } = await sample();
    const [manifest, ...evidence] = linesOf(text);
    expect(manifest?.value).toMatchObject({
      format: 'hindcast-bundle/1',
      engine: 'hindcast/test',
      incidents: ['pager/incident:PABC'],
      lastEdit: 0,
    });
    expect(manifest?.value['root']).toBe(digest(evidence.map(({ hash }) => hash)));
    expect(evidence.map(({ value: { source, stream, nativeId, body } }) => digest({ source, stream, nativeId, body } as Json))).toEqual(
      drafted.snapshot.evidence,
    );
    for (const { hash, value } of linesOf(text)) expect(hash).toBe(digest(value));
    expect(written(linesOf(text), false)).toBe(text);
  });

  it('gives the same bytes on another machine, with no source, no store and no settings', async () => {
    const { text, drafted } = await sample();
    const { app } = await elsewhere();
    const other = await app.draftBundle(text);
    expect(other.draftId).toBe(drafted.draftId);
    expect(JSON.stringify(other.draft)).toBe(JSON.stringify(drafted.draft));
    expect(renderMarkdown(other.draft)).toBe(renderMarkdown(drafted.draft));
    expect(await app.incidents({ limit: 10 })).toEqual([]);
  });

  it('is reproduced from its own evidence in any order', async () => {
    const { app } = await elsewhere();
    const { text, drafted } = await sample();
    expect(await app.reproduceBundle(text)).toMatchObject({ same: true, draftId: drafted.draftId });
  });
});

describe('an imported bundle', () => {
  it('lives under its root, says where it came from, and never joins the live incident', async () => {
    const { app, text, drafted } = await sample();
    const { root, incident, draftId } = await app.importBundle(text);
    expect(incident).toBe(`bundle:${root}`);
    expect(draftId).not.toBe(drafted.draftId);
    const imported = await app.stored(incident);
    expect(imported.draft.case.origin).toBe(incident);
    expect(renderMarkdown(imported.draft)).toContain('from a bundle');
    expect((await app.stored('PABC')).draftId).toBe(drafted.draftId);
  });

  it('is drafted, reproduced and exported by that name, again and again', async () => {
    const { app } = await elsewhere();
    const { text } = await sample();
    const { incident, draftId } = await app.importBundle(text);
    expect(await app.importBundle(text)).toMatchObject({ incident, draftId });
    expect((await app.draft({ select: { kind: 'incident', id: incident } })).draftId).toBe(draftId);
    // As a path and a file's name take it.
    expect((await app.draft({ select: { kind: 'incident', id: incident.replace(':', '~') } })).draftId).toBe(draftId);
    expect(await refusal(app.draft({ select: { kind: 'incident', id: 'bundle~sha256:none' } }))).toMatch(/^4 .*hindcast bundle import/);
    expect(await app.reproduce(incident)).toMatchObject({ same: true });
    expect(await app.exportBundle(incident, { roles: false })).toBe(text);
  });
});

describe('a bundle with roles', () => {
  it('has no name in it, says that it was redacted, and is another draft', async () => {
    const { app, drafted } = await sample();
    const text = await app.exportBundle('PABC', { roles: true });
    expect(text).not.toMatch(/Jane|Doe/);
    expect(linesOf(text)[0]?.value['redacted']).toBe(true);
    const other = await (await elsewhere()).app.draftBundle(text);
    expect(other.draftId).not.toBe(drafted.draftId);
    expect(other.draft.analysis.timeline.map(({ event }) => event.id)).toEqual(
      drafted.draft.analysis.timeline.map(({ event }) => event.id),
    );
  });
});

describe('a bundle that was changed is refused, by line', () => {
  type Lines = ReturnType<typeof linesOf>;
  const change = (lines: Lines, index: number, value: { [key: string]: Json }): Lines =>
    lines.map((line, place) => (place === index ? { ...line, value: { ...line.value, ...value } } : line));

  it.each<[string, (lines: Lines) => string, RegExp]>([
    ['a body', (lines) => written(change(lines, 3, { body: { id: 'other' } }), false), /^5 line 4 of the bundle was changed/],
    [
      'a time of reading',
      (lines) => written(change(lines, 2, { observedTime: '2024-01-15T16:00:01.000Z' }), false),
      /^5 line 3 .* was changed/,
    ],
    ['the policy', (lines) => written(change(lines, 0, { engine: 'hindcast/9' }), false), /^5 line 1 .* was changed/],
    [
      'two lines turned round',
      (lines) => written([...lines.slice(0, 2), ...lines.slice(2, 4).toReversed(), ...lines.slice(4)], true),
      /^5 line 4 .* not in its place/,
    ],
    ['a line twice', (lines) => written([...lines.slice(0, 2), ...lines.slice(1)], true), /^5 line 3 .* not in its place/],
    ['a line taken out', (lines) => written(lines.toSpliced(3, 1), false), /^5 line 1 .* root/],
    [
      'a line and its hash',
      (lines) => {
        const value = { ...lines[3]?.value, sequence: 99 };
        return written(lines.toSpliced(3, 1, { kind: 'evidence', hash: digest(value), value }), false);
      },
      /^5 line 1 .* root/,
    ],
    ['the manifest last', (lines) => written([...lines.slice(1), ...lines.slice(0, 1)], true), /^5 line 1 .* not its manifest/],
    ['an unknown kind', (lines) => written([...lines, { kind: 'note', hash: '', value: {} }], true), /^2 line \d+ .* unknown kind: "note"/],
    ['another format', (lines) => written(change(lines, 0, { format: 'hindcast-bundle/2' }), true), /^2 line 1 .*hindcast-bundle\/2/],
    ['no windows', (lines) => written(change(lines, 0, { windows: null }), true), /^2 line 1 .* no usable `windows`/],
    ['a window that is no time', (lines) => written(change(lines, 0, { takenAt: 'yesterday' }), true), /^2 line 1 .* a time that is none/],
    ['a gap that is none', (lines) => written(change(lines, 0, { coverage: [null] }), true), /^2 line 1 .* no usable `coverage`/],
    [
      'an author that is no text',
      (lines) => written(change(lines, 0, { draft: { authors: [7], code: 'files' } }), true),
      /^2 line 1 .*`draft`/,
    ],
    ['a subject that is no list', (lines) => written(change(lines, 0, { subject: 'api' }), true), /^2 line 1 .* no usable `subject`/],
    [
      'normalizers that are no text',
      (lines) => written(change(lines, 0, { normalizers: { pager: 1 } }), true),
      /^2 line 1 .*`normalizers`/,
    ],
    [
      'a length that is none',
      (lines) => written(change(lines, 0, { policy: { ...Object(lines[0]?.value['policy']), settle: 'soon' } }), true),
      /^2 line 1 .* a length in its `policy`/,
    ],
    [
      'an offset of a clock that is none',
      (lines) => written(change(lines, 0, { policy: { ...Object(lines[0]?.value['policy']), clock_offsets: { pager: 'late' } } }), true),
      /^2 line 1 .* a length in its `policy`/,
    ],
    [
      'a scope that its connector cannot read',
      (lines) => written(change(lines, 0, { services: [{ name: 'api', owns: { pager: 7 }, depends_on: [] }] }), true),
      /^2 line 1 .*`owns\.pager` of a service must be object/,
    ],
    ['white space', (lines) => written(lines, true).replace('"value":{', '"value": {'), /^5 line 1 .* not in canonical form/],
    ['a key twice', (lines) => written(lines, true).replace('"value":{', '"value":{"draft":1,'), /^5 line 1 /],
    ['its end', (lines) => written(lines, true).slice(0, -20), /^2 .* cut/],
    ['no JSON', () => 'hello\n', /^2 line 1 .* not a JSON object/],
    ['nothing', () => '', /^2 /],
    [
      'a deep nest',
      (lines) => {
        const body: Json = JSON.parse(`${'['.repeat(80)}${']'.repeat(80)}`);
        return written(change(lines, 3, { body }), true);
      },
      /^2 line 4 .* deeper than 64/,
    ],
    ['a nest to break the parser', () => `${'['.repeat(1_000_000)}\n`, /^2 line 1 .* deeper than 64/],
    ['a long key', (lines) => written(change(lines, 3, { body: { ['k'.repeat(70_000)]: 1 } }), true), /^2 line 4 .* key longer than 65536/],
    ['a long id', (lines) => written(change(lines, 3, { nativeId: 'n'.repeat(70_000) }), true), /^2 line 4 .* longer than 65536/],
    ['a time without a zone', (lines) => written(change(lines, 3, { observedTime: '2024-01-15T16:00:00' }), true), /^2 line 4 /],
  ])('%s', async (_what, tamper, expected) => {
    const { text } = await sample();
    const { app } = await elsewhere();
    const tampered = tamper(linesOf(text));
    expect(await refusal(app.draftBundle(tampered))).toMatch(expected);
    expect(await refusal(app.importBundle(tampered))).toMatch(expected);
    expect(await app.incidents({ limit: 10 })).toEqual([]);
  });
});

it('where the file says that it was stored before counts for nothing', async () => {
  const { text, drafted } = await sample();
  const [manifest, ...others] = linesOf(text);
  if (!manifest) throw new Error('the sample has lines');
  const forged = { ...manifest, value: { ...manifest.value, run: 1, origin: 'pagerduty/incident:PABC' } };
  const { app } = await elsewhere();
  expect((await app.draftBundle(written([forged, ...others], true))).draftId).toBe(drafted.draftId);
});

it('a tombstone keeps the place of evidence that was purged', async () => {
  const { text, drafted } = await sample();
  const [manifest, first, ...others] = linesOf(text);
  const id = drafted.snapshot.evidence[0] ?? '';
  if (!manifest || !first) throw new Error('the sample has lines');
  const purged = written([manifest, { ...first, value: { id, body: null, tombstone: true } }, ...others], true);
  const { app } = await elsewhere();
  expect((await app.draftBundle(purged)).draftId).toBe(drafted.draftId);
  const { incident } = await app.importBundle(purged);
  expect(await app.reproduce(incident)).toMatchObject({ same: false, detail: expect.stringContaining('1 of') });
});
