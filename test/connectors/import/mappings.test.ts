import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { imports } from '../../../connectors/import/index.ts';
import { mappingReader } from '../../../connectors/import/mapping.ts';
import { seal } from '../../../src/core/evidence.ts';
import { stamp } from '../../../src/core/timeline/normalize.ts';
import { instant } from '../../support/events.ts';
import { readWhole } from '../../support/whole-file.ts';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const shipped = readdirSync(folder('../../../config/mappings')).map((file) => file.replace('.yaml', ''));

function readExample(name: string) {
  const mapping = mappingReader.read(parse(readFileSync(folder(`../../../config/mappings/${name}.yaml`), 'utf8')));
  if (!mapping) throw new Error(`${name} is no mapping`);
  const text = readFileSync(folder(`./examples/${name}.json`), 'utf8');
  const reading = readWhole({ name: `${name}.json`, text, mapping, common: { keys: [] } });
  const [events] = imports.streams;
  const stamped = reading.records.flatMap(({ stream, nativeId, body }) => {
    const record = seal({ source: name, stream, nativeId, body, observedTime: instant('16:00') });
    return events && stream === 'events' ? [stamp(record, events.normalize(record), imports.normalizer)] : [];
  });
  expect(reading.refused).toEqual([]);
  expect(stamped.flatMap(({ issues }) => issues)).toEqual([]);
  return stamped.flatMap((one) => one.events);
}

const shown = (name: string) =>
  readExample(name)
    .map(({ type, time, attributes }) => `${time.at.slice(11, 19)} ${type} ${'text' in attributes ? attributes.text : ''}`.trim())
    .toSorted();

describe('the shipped mappings, over their examples', () => {
  it('each has one, and the README names both', () => {
    const readme = readFileSync(folder('../../../connectors/import/README.md'), 'utf8');
    expect(shipped.toSorted()).toEqual(['argocd', 'jenkins', 'slack', 'statuspage']);
    for (const name of shipped) {
      expect(readme).toContain(`config/mappings/${name}.yaml`);
      expect(readme).toContain(`examples/${name}.json`);
    }
  });

  it('Slack: messages at the microsecond that Slack calls them by', () => {
    expect(shown('slack')).toEqual([
      '14:35:00 message.posted Customers report errors at checkout, looking.',
      '14:44:00 message.posted <@U012AB3CD> the pool is exhausted, rolling back.',
      '14:53:00 message.posted api: 5xx back to normal',
    ]);
    expect(readExample('slack').map(({ actor }) => actor?.id)).toEqual(['slack:user:U012AB3CD', 'slack:user:U045EF6GH', undefined]);
  });

  it('Statuspage: every update of every incident, in UTC whatever its offset', () => {
    expect(shown('statuspage')).toEqual([
      '14:37:00 status.published Most requests to the API fail.',
      '14:56:10 status.published The API answers as usual.',
    ]);
    expect(readExample('statuspage')[0]).toMatchObject({ attributes: { state: 'resolved' }, url: 'http://stspg.io/p31zjtct2jer' });
  });

  it('Argo CD: each sync is a deployment of its application with both ends', () => {
    expect(shown('argocd')).toEqual([
      '13:58:00 deployment.started',
      '14:01:00 deployment.succeeded',
      '14:12:00 deployment.started',
      '14:15:00 deployment.succeeded',
    ]);
    expect(readExample('argocd')[2]).toMatchObject({
      belongsTo: ['argocd/service:api'],
      attributes: { 'deployment.environment.name': 'production', 'vcs.ref.head.revision': '9f2c4a7be1d0356ac48db2329000c58611deadbe' },
    });
  });

  it('Jenkins: a build that ran has an end, one that runs has none', () => {
    expect(shown('jenkins')).toEqual([
      '14:00:00 deployment.started',
      '14:03:00 deployment.succeeded',
      '14:13:20 deployment.started',
      '14:14:21 deployment.failed',
      '14:46:40 deployment.started',
    ]);
    expect(readExample('jenkins')[1]).toMatchObject({
      actor: { id: 'jenkins:user:ann' },
      correlationKeys: expect.arrayContaining(['sha:9f2c4a7be1d0356ac48db2329000c58611deadbe']),
    });
  });
});
