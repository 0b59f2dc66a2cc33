import { describe, expect, it } from 'vitest';
import { metrics } from '../../../connectors/cloudwatch/streams/metrics.ts';
import { atMost } from '../../../src/contract/index.ts';
import { pullAll } from '../../support/streams.ts';
import { ask, sampleWorld, startScene, tell } from './support.ts';

const NAMED = { keys: ['metric:AWS/ApplicationELB RequestCount'] };

/** The sample where each of that many load balancers has a count of requests. */
function busyWorld(count: number) {
  const world = sampleWorld();
  const [template] = world.cloudwatch.metrics.filter(({ name }) => name === 'RequestCount');
  if (!template) throw new Error('the sample has no RequestCount');
  const many = Array.from({ length: count }, (_, index) => ({
    ...template,
    id: `many-${index}`,
    dimensions: { LoadBalancer: `app/${index}` },
  }));
  return { ...world, cloudwatch: { ...world.cloudwatch, metrics: [...world.cloudwatch.metrics, ...many] } };
}

describe('metrics', () => {
  it('U2.1 lists a metric by its name, with each set of dimensions as the key of a series', async () => {
    const { client } = await startScene();
    const { records, gaps } = await pullAll(metrics, client, ask({}, NAMED));
    expect(gaps).toEqual([]);
    expect(tell(metrics, records).facts).toEqual([
      expect.objectContaining({
        kind: 'metric',
        key: 'aws-prod/metric:AWS/ApplicationELB/RequestCount?LoadBalancer=app%2Fapi%2F50dc6c495c0c9188&TargetGroup=targetgroup%2Fapi%2F943f017f100becff#Sum',
      }),
    ]);
  });

  it('reads every page of five hundred, and says where its budget ends', async () => {
    const { client } = await startScene(busyWorld(1_100));
    const { records } = await pullAll(metrics, client, ask({}, NAMED));
    expect(new Set(records.map(({ nativeId }) => nativeId)).size).toBe(1_101);
    const short = await pullAll(metrics, client, ask({}, { ...NAMED, calls: atMost(2) }));
    expect(short.records).toHaveLength(1_000);
    expect(short.gaps).toMatchObject([{ reason: 'budget', detail: expect.stringContaining('AWS/ApplicationELB RequestCount') }]);
  });

  it('a time is averaged, a number of things is summed', async () => {
    const { client } = await startScene();
    const { records } = await pullAll(metrics, client, ask({}, { keys: ['metric:AWS/ApplicationELB TargetResponseTime'] }));
    for (const { key } of tell(metrics, records).facts) expect(key).toMatch(/#Average$/);
    expect(records.length).toBeGreaterThan(0);
  });

  it('a metric that is not there is a hint that says what is listed', async () => {
    const { client } = await startScene();
    const { records, hints } = await pullAll(metrics, client, ask({}, { keys: ['metric:Acme Orders'] }));
    expect(records).toEqual([]);
    expect(hints).toEqual(['CloudWatch lists no metric Acme Orders in us-east-1; it lists those with values in the last two weeks.']);
  });
});
