import { expect, it, onTestFinished } from 'vitest';
import { cloudWatchVendor } from '../../../demo/standins/cloudwatch.ts';
import { startStandIn } from '../../../demo/standins/server.ts';
import { pullAll } from '../../support/streams.ts';
import { alarmHistory, ask, ERRORS, INCIDENT, openAt, sampleWorld, series } from './support.ts';

/** A stand-in of the sample that notes each request's body, and a client on it. */
async function startNoting() {
  const vendor = cloudWatchVendor(sampleWorld());
  const sent: Readonly<Record<string, unknown>>[] = [];
  const standIn = await startStandIn({
    ...vendor,
    answer: (asked, base) => {
      sent.push(JSON.parse(asked.body));
      return vendor.answer(asked, base);
    },
  });
  onTestFinished(() => standIn.close());
  return { sent, ...openAt(standIn.url) };
}

it('U2.1 a unit is never asked for: one that the sender never used would give an empty answer', async () => {
  const { client, sent } = await startNoting();
  const Metric = { Namespace: 'AWS/ApplicationELB', MetricName: 'RequestCount' };
  const queries = [{ Id: 'm1', MetricStat: { Metric, Period: 60, Stat: 'Sum', Unit: 'Bytes' }, ReturnData: true }];
  await client.metricData({ queries, ...INCIDENT }, new AbortController().signal);
  await pullAll(series, client, ask({}, { keys: [`${ERRORS}@60`] }));
  expect(sent).toHaveLength(2);
  expect(JSON.stringify(sent)).not.toContain('"Unit"');
});

it('U2.4 times on the wire are seconds since 1970, and text with a zone in a record', async () => {
  const { client, sent } = await startNoting();
  const { records } = await pullAll(alarmHistory, client, ask({}));
  expect(sent.at(-1)).toMatchObject({ StartDate: Date.parse(INCIDENT.from) / 1_000, EndDate: Date.parse(INCIDENT.to) / 1_000 });
  for (const { body } of records) expect(body).toMatchObject({ Timestamp: expect.stringMatching(/^2024-01-15T.*\.\d{3}Z$/) });
});
