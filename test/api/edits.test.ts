import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { READ, type ServedSample, serveSample, WRITE } from './served-sample.ts';

describe('human words over HTTP and from a file', () => {
  let served: ServedSample;
  let server: FastifyInstance;
  let id: string;
  const ask = async (method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, payload?: object, secret = WRITE) => {
    const answer = await server.inject({
      method,
      url: `/incidents/${id}/${path}`,
      headers: { authorization: `Bearer ${secret}` },
      ...(payload && { payload }),
    });
    return { status: answer.statusCode, body: answer.json() };
  };
  const block = async (key: string) => (await ask('GET', `draft/blocks/${encodeURIComponent(key)}`, undefined, READ)).body;
  const textNow = async () => renderMarkdown((await served.app.stored(id)).draft);

  beforeAll(async () => {
    served = await serveSample();
    ({ server, id } = served);
    await served.app.draft({ select: { kind: 'incident', id } });
  });
  afterAll(() => served.close());

  it('rewrite a block, whose next draft has them under the name of the token; whoever had not seen them gets both texts', async () => {
    const before = await block('impact.basis');
    expect(before).toMatchObject({ state: 'generated', after: 0, generated: expect.stringMatching(/^sha256:/) });
    const sent = { after: 0, generated: before.generated, text: 'The errors began **with** the rollout.\nA customer rang.' };
    expect((await ask('PUT', 'draft/blocks/impact.basis', sent, READ)).status).toBe(403);
    expect(await ask('PUT', 'draft/blocks/impact.basis', sent)).toMatchObject({
      status: 200,
      body: {
        key: 'impact.basis',
        state: 'edited',
        author: 'ann',
        after: 1,
        text: 'The errors began **with** the rollout.<br>A customer rang.',
      },
    });
    expect(await textNow()).toContain('The errors began **with** the rollout.<br>A customer rang. [^');
    expect(await ask('PUT', 'draft/blocks/impact.basis', { ...sent, text: 'Others.' })).toMatchObject({
      status: 409,
      body: {
        type: 'urn:hindcast:problem:conflict',
        yours: 'Others.',
        theirs: 'The errors began **with** the rollout.<br>A customer rang.',
        newer: 1,
        author: 'ann',
      },
    });
    expect(await ask('PUT', 'draft/blocks/impact.basis', { ...sent, after: 1, generated: before.generated.slice(7, 17) })).toMatchObject({
      status: 200,
      body: { state: 'edited' },
    });
  });

  it('that blame come with a kinder wording, in the answer and in the draft, and stay as they are', async () => {
    const text = 'The reviewer should have seen it.';
    const wording = [{ said: 'should have', kinder: expect.stringContaining('Say what was known and done') }];
    const answer = await ask('POST', 'draft/blocks', { below: 'lessons', text });
    expect(answer).toMatchObject({ status: 201, body: { text, wording } });
    const { edits } = (await ask('GET', 'draft', undefined, READ)).body;
    expect(edits.filter((edit: object) => 'wording' in edit)).toMatchObject([{ key: answer.body.key, text, wording }]);
  });

  it('cannot change what is computed, and say what can', async () => {
    const { generated, after } = await block('durations.time_to_detect');
    const answer = await ask('PUT', 'draft/blocks/durations.time_to_detect', { after, generated, text: '99 min' });
    expect(answer).toMatchObject({ status: 422, body: { detail: expect.stringContaining('`assert` the milestone instead') } });
    expect((await ask('PUT', 'draft/blocks/no.such', { after, generated, text: 'x' })).status).toBe(404);
    expect((await ask('PUT', 'draft/blocks/impact.basis', { after, generated, text: '  ' })).status).toBe(400);
    expect((await ask('PUT', 'draft/blocks/impact.basis', { after, generated, text: 'x'.repeat(65_537) })).status).toBe(400);
    expect((await ask('PUT', 'draft/blocks/impact.basis', { after, generated, text: 'x', more: 1 })).status).toBe(400);
  });

  it('hide a block, show it again, put blocks in where they are wanted, and fill the cells of an action', async () => {
    const { generated, after } = await block('factors.safeguards');
    const query = `?after=${after}&generated=${generated}`;
    expect(await ask('DELETE', `draft/blocks/factors.safeguards${query}`)).toMatchObject({ status: 200, body: { state: 'hidden' } });
    expect(await textNow()).not.toContain('<!-- factors.safeguards ');
    const seen = (await block('factors.safeguards')).after;
    expect(await ask('POST', 'draft/blocks/factors.safeguards/show', { after: seen, generated })).toMatchObject({
      status: 200,
      body: { state: 'generated' },
    });
    const first = await ask('POST', 'draft/blocks', { below: 'lessons', text: 'Look at the pool first.' });
    expect(first).toMatchObject({ status: 201, body: { key: expect.stringMatching(/^i\.\d+$/), state: 'inserted' } });
    await ask('POST', 'draft/blocks', { below: first.body.key, text: 'Then at the queue.' });
    expect(await textNow()).toMatch(/## Lessons\n\nLook at the pool first\. <!-- .* -->\n\nThen at the queue\. <!--/);
    const due = await block('actions.deploy_fix.due');
    expect(
      await ask('PUT', 'draft/blocks/actions.deploy_fix.due', { after: due.after, generated: due.generated, text: '20 January' }),
    ).toMatchObject({ status: 200 });
    expect(await textNow()).toMatch(/\| service owner of api \| 20 January \| {2}\| open <!-- actions\.deploy_fix /);
    expect((await ask('POST', 'draft/blocks', { below: 'nothing', text: 'x' })).status).toBe(404);
  });

  it('outlive late evidence and facts; what moved is told, and what was said of an older text stands beside ours', async () => {
    const basis = await block('impact.basis');
    await ask('PUT', 'draft/blocks/impact.basis', {
      after: basis.after,
      generated: basis.generated,
      text: 'Our own words about the start.',
    });
    await served.app.assert({
      id,
      said: { kind: 'milestone', milestone: 'impact_started', at: '2024-01-15T14:20Z' },
      reason: 'a customer rang',
      author: 'ann',
    });
    await served.app.draft({ select: { kind: 'incident', id }, offline: true });
    const text = await textNow();
    expect(text.split('Our own words about the start.')).toHaveLength(2);
    expect(text).toContain('Look at the pool first.');
    expect(await block('impact.basis')).toMatchObject({ state: 'stale' });
    expect(text).toMatch(/The record now says: .* <!-- impact\.basis\.now /);
    const { status, body } = await ask('GET', 'diff', undefined, READ);
    expect(status).toBe(200);
    expect(body.milestones).toContainEqual({
      key: 'start of the impact',
      was: '15 January 2024, 14:29 UTC (inferred)',
      is: '15 January 2024, 14:20 UTC (asserted)',
    });
    expect(body.durations.map(({ key }: { key: string }) => key)).toContainEqual(expect.stringContaining('Time to detect'));
    expect(body.entries).toContainEqual(expect.objectContaining({ is: expect.stringContaining('A person stated this time') }));
    expect(body.stale).toContainEqual(
      expect.objectContaining({ key: 'impact.basis', state: 'stale', was: 'Our own words about the start.' }),
    );
    expect((await ask('GET', `diff?from=${body.to}&to=${body.to}`)).body.stale).toEqual([]);
  });

  it('come back in a file: reading it back untouched is no edit, taking out our line settles what was stale, and either text may hold', async () => {
    const read = async (text: string) => served.app.importEdits({ path: 'draft.md', text, author: 'ben' });
    const text = await textNow();
    expect(await read(text)).toMatchObject({ recorded: [], conflicts: [], notTaken: [], told: [] });
    const ours = /^.*<!-- impact\.basis\.now .*\n/m;
    const theirs = /^.*<!-- impact\.basis [0-9a-f].*\n/m;
    const settled = await read(text.replace(ours, ''));
    expect(settled.recorded.map(({ edit }) => [edit.kind, edit.block])).toEqual([['rewrite', 'impact.basis']]);
    expect(await block('impact.basis')).toMatchObject({ state: 'edited', text: 'Our own words about the start.' });
    // The same file with the other line gone was made before: its author had not seen that it is settled.
    const late = await read(text.replace(theirs, ''));
    expect(late.conflicts).toMatchObject([{ block: 'impact.basis', theirs: 'Our own words about the start.', author: 'ben' }]);
    await expect(read('# Not of ours\n\nwords\n')).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('--incident') });
  });

  it('go with a bundle: what is imported has them, and can be edited on', async () => {
    const text = await served.app.exportBundle(id, { roles: false });
    const { incident, draftId } = await served.app.importBundle(text);
    expect((await served.app.stored(incident)).draft.edits).toEqual((await served.app.stored(id)).draft.edits);
    expect(await served.app.importBundle(text)).toMatchObject({ incident, draftId });
    const more = { kind: 'insert', below: 'summary', text: 'Read from a bundle.' } as const;
    const { key } = await served.app.editBlock(incident, { change: more, author: 'cy' });
    expect(renderMarkdown((await served.app.stored(incident)).draft)).toContain(`Read from a bundle. <!-- ${key} `);
    expect(await textNow()).not.toContain('Read from a bundle.');
    await served.app.importBundle(text);
    expect((await served.app.stored(incident)).draft.edits.map((edit) => edit.key)).toContain(key);
    expect(await served.app.reproduce(incident)).toMatchObject({ same: true });
    const [, edit = ''] = /^(\{"kind":"edit".*)$/m.exec(text) ?? [];
    expect(edit).not.toBe('');
    await expect(served.app.importBundle(text.replace(edit, edit.replace('"author":"ann"', '"author":"eve"')))).rejects.toMatchObject({
      code: 'not_reproduced',
    });
  });
});
