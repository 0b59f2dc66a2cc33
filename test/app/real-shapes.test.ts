import { expect, it } from 'vitest';
import type { World, WorldDeployment } from '../../demo/world.ts';
import { deploymentAt, shaOf } from '../support/github-world.ts';
import { draftVariant, withApi } from '../support/staged-world.ts';

const at = (clock: string) => `2024-01-15T${clock}:00Z`;
const firing = (from: string, to: string) => [
  { at: at(from), from: 'OK', to: 'ALARM', start: at(from), actions: true },
  { at: at(to), from: 'ALARM', to: 'OK', start: at(to) },
];

/** One push reaches three places, one after another, and errors follow it: each place has a metric and an alarm of its own. */
function inThreePlaces(sample: World): Partial<World> {
  const places = [
    { name: 'eu', from: 29, minutes: 21 },
    { name: 'us', from: 34, minutes: 16 },
    { name: 'ap', from: 39, minutes: 11 },
  ];
  const { cloudwatch } = sample;
  const metric = cloudwatch.metrics.find(({ id }) => id === 'api-5xx');
  const alarm = cloudwatch.alarms.find(({ name }) => name === 'api-HighErrorRate');
  if (!metric || !alarm) throw new Error('the sample has errors and an alarm on them');
  const metrics = places.map(({ name, from, minutes }) => ({
    ...metric,
    id: `api-5xx-${name}`,
    dimensions: { LoadBalancer: 'app/api', Region: name },
    episodes: [{ from: at(`14:${from}`), minutes: Array.from({ length: minutes }, () => 1000) }],
  }));
  const alarms = places.map(({ name, from }) => ({
    ...alarm,
    name: name === 'eu' ? alarm.name : `api-${name}`,
    metric: `api-5xx-${name}`,
    history: firing(`14:${from + 3}`, '14:52'),
  }));
  const rolledOut = (id: number, environment: string, minutes: number, name: string): WorldDeployment =>
    deploymentAt(id, minutes, { environment, sha: shaOf(name) });
  const deployments = places.flatMap(({ name, from }, index) => [
    rolledOut(100 + index, `prod-${name}`, 12 * 60 + index, 'before'),
    rolledOut(200 + index, `prod-${name}`, 14 * 60 + from - 3, 'after'),
    rolledOut(300 + index, `prod-${name}`, 14 * 60 + 47, 'before'),
  ]);
  return { cloudwatch: { ...cloudwatch, metrics, alarms }, ...withApi(sample, () => ({ deployments, releases: [] })) };
}

it('a push that reaches three places tells each departure, recovery and rollback with its place, and whose size is counted', async () => {
  const { section, drafted } = await draftVariant({ world: inThreePlaces, environments: ['prod-eu', 'prod-us', 'prod-ap'] });
  const rows = section('timeline')
    .split('\n')
    .map((row) => row.split(' | ')[1] ?? '');
  for (const place of ['eu', 'us', 'ap']) {
    expect(rows.filter((row) => row.startsWith(`HTTPCode_Target_5XX_Count (${place}) left its normal range`))).toHaveLength(1);
    expect(rows.filter((row) => row.startsWith(`HTTPCode_Target_5XX_Count (${place}) was back to normal`))).toHaveLength(1);
    expect(rows.filter((row) => row.startsWith('Rollback to ') && row.endsWith(`in prod-${place} finished.`))).toHaveLength(1);
  }
  expect(drafted.draft.analysis.impactSize).toMatchObject({ uncounted: 2 });
  expect(section('impact')).toMatch(/HTTPCode_Target_5XX_Count \(eu\) above normal.* about 21,000 errors/);
  expect(section('impact')).toContain('2 more series of HTTPCode_Target_5XX_Count left normal too and are not counted here');
});

it('a leak that grows for hours began where it left its level, and the value that its row tells stands with its own time', async () => {
  const leak = Array.from({ length: 320 }, (_, minute) => minute * 0.0016);
  const { section, drafted } = await draftVariant({
    world: ({ cloudwatch }) => ({
      cloudwatch: {
        ...cloudwatch,
        metrics: cloudwatch.metrics.map((one) =>
          one.id === 'api-latency' ? { ...one, episodes: [{ from: at('09:30'), minutes: leak }] } : one,
        ),
        alarms: cloudwatch.alarms
          .filter(({ name }) => name !== 'api-HighErrorRate')
          .map((one) => (one.name === 'api-HighLatency' ? { ...one, threshold: 0.55, history: firing('14:24', '14:51') } : one)),
      },
    }),
  });
  const voice = drafted.draft.analysis.impactSeries.find(({ metric }) => metric === 'TargetResponseTime');
  const { value, valueAt } = voice?.against ?? {};
  expect(voice?.departed?.at.slice(11, 13)).toBe('09');
  expect(valueAt?.slice(11, 13)).toBe('13');
  const [clock, said] = [valueAt?.slice(11, 16), String(Math.round((value ?? 0) * 1000) / 1000)];
  expect(section('timeline')).toContain(`TargetResponseTime began to leave its normal range slowly, and stood at ${said} by ${clock}`);
  expect(section('impact')).toContain(`The first value beyond that noise which led to the alarm is ${said}, at ${clock}.`);
  expect(section('impact')).not.toMatch(/is the start: /);
});

it('what began hours before the errors of users is told beside them in the summary, since the start is counted from it', async () => {
  const leak = Array.from({ length: 320 }, (_, minute) => minute * 0.0016);
  const { section } = await draftVariant({
    world: ({ cloudwatch }) => ({
      cloudwatch: {
        ...cloudwatch,
        metrics: cloudwatch.metrics.map((one) =>
          one.id === 'api-latency' ? { ...one, episodes: [{ from: at('09:30'), minutes: leak }] } : one,
        ),
        alarms: cloudwatch.alarms.map((one) =>
          one.name === 'api-HighLatency' ? { ...one, threshold: 0.55, history: firing('14:24', '14:51') } : one,
        ),
      },
    }),
  });
  expect(section('summary')).toMatch(/TargetResponseTime left its normal first; HTTPCode_Target_5XX_Count did 4 h \d+ min later\./);
});
