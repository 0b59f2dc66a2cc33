import { expect, it } from 'vitest';
import { deployments } from '../../../connectors/github/streams/deployments.ts';
import { openSource, readWith, requestOf } from '../../support/github-source.ts';
import { pullAll } from '../../support/streams.ts';

it.each([
  ['an object', { version: 'v2', deep: [1, null] }],
  ['a text', '{"version":"v2"}'],
  ['a text that is no JSON', 'version=v2'],
  ['empty', ''],
])('U3.1 a payload may be an object or a text: %s', async (_, payload) => {
  const { client, close } = await openSource();
  try {
    const [record] = (await pullAll(deployments, client, requestOf())).records.filter(
      ({ stream = 'deployments' }) => stream === 'deployments',
    );
    if (!record) throw new Error('the sample has a deployment');
    const { record: _, ...whole } = readWith(deployments, record);
    const { record: __, ...told } = readWith(deployments, { ...record, body: { ...Object(record.body), payload } });
    expect(told.issues).toEqual([]);
    expect(told.events.map(({ id, time }) => [id, time])).toEqual(whole.events.map(({ id, time }) => [id, time]));
  } finally {
    await close();
  }
});

it('U3.1 an id beyond 2^31 is kept whole', async () => {
  const { client, close } = await openSource();
  try {
    const [record] = (await pullAll(deployments, client, requestOf())).records.filter(({ body }) => 'repository_url' in Object(body));
    if (!record) throw new Error('REST gives a deployment of the sample');
    const { events } = readWith(deployments, { ...record, body: { ...Object(record.body), id: 4_820_147_308 } });
    expect(events[0]?.correlationKeys).toContain('deployment:acme/api#4820147308');
  } finally {
    await close();
  }
});
