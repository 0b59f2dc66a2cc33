import Type from 'typebox';
import { defineConnector } from '../../src/contract/index.ts';
import type { Statements } from './statement.ts';
import { events } from './streams/events.ts';
import { judgments } from './streams/judgments.ts';
import { milestones } from './streams/milestones.ts';

const Nothing = Type.Object({}, { additionalProperties: false });

/** What people state about an incident. There is no vendor: `assert` tells the records, and a pull reads them from the store. */
export const manual = defineConnector<typeof Nothing, typeof Nothing, Statements>({
  id: 'manual',
  normalizer: 'manual/1',
  config: Nothing,
  scope: Nothing,
  limits: { requestsPerMinute: 60_000, concurrency: 10, pageSize: 1_000 },
  streams: [milestones, events, judgments],
  told: { claims: () => [] },
  open: (_config, { told }) => ({ told }),
  claims: () => [],
  check: async () => ({ checks: [{ name: 'reachable', ok: true, detail: 'what people state is kept in the store: nobody is asked' }] }),
});
