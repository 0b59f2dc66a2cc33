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

  it('U2.1 lists all that begin alike in a namespace, since the vendor finds whole names alone', async () => {
    const { client } = await startScene();
    const { records, gaps } = await pullAll(metrics, client, ask({}, { keys: ['metric:AWS/ApplicationELB Request*'] }));
    expect(records.map(({ body }) => body)).toEqual([expect.objectContaining({ MetricName: 'RequestCount' })]);
    expect(gaps).toEqual([]);
  });

  it('looks through all namespaces where none has that very name', async () => {
    const { client } = await startScene();
    const { records } = await pullAll(metrics, client, ask({}, { keys: ['metric:AWS App*'] }));
    expect(new Set(tell(metrics, records).facts.map(({ key }) => key.split('?')[0]))).toEqual(
      new Set(
        ['HTTPCode_Target_5XX_Count', 'RequestCount', 'TargetResponseTime'].map((name) => `aws-prod/metric:AWS/ApplicationELB/${name}`),
      ),
    );
  });

  it('looks through ten thousand metrics for names that begin alike, and says that there are more', async () => {
    const { client } = await startScene(busyWorld(10_100));
    const { records, gaps } = await pullAll(metrics, client, ask({}, { keys: ['metric:AWS/ApplicationELB HTTPCode_*'] }));
    expect(records.length).toBe(1);
    expect(gaps).toMatchObject([{ reason: 'result_limit', detail: expect.stringContaining('AWS/ApplicationELB HTTPCode_*') }]);
  });

  it('finds a name with a slash in it, wherever the namespace was said to end', async () => {
    const world = sampleWorld();
    const named = world.cloudwatch.metrics.map((one) =>
      one.id === 'api-requests' ? { ...one, namespace: 'Acme/Api', name: 'v1/orders' } : one,
    );
    const { client } = await startScene({ ...world, cloudwatch: { ...world.cloudwatch, metrics: named } });
    for (const key of ['metric:Acme/Api v1/orders', 'metric:Acme/Api/v1 orders']) {
      const { records, hints } = await pullAll(metrics, client, ask({}, { keys: [key] }));
      expect(tell(metrics, records).facts).toMatchObject([{ key: expect.stringContaining('metric:Acme/Api/v1%2Forders?') }]);
      expect(hints).toEqual([]);
    }
  });

  it('a metric that is not there is a hint that says what is listed', async () => {
    const { client } = await startScene();
    const { records, hints } = await pullAll(metrics, client, ask({}, { keys: ['metric:Acme Orders'] }));
    expect(records).toEqual([]);
    expect(hints).toEqual(['CloudWatch lists no metric Acme Orders in us-east-1; it lists those with values in the last two weeks.']);
  });
});
