import Type from 'typebox';
import { defineConnector } from '../../src/contract/index.ts';
import { events } from './streams/events.ts';
import { files } from './streams/files.ts';
import { series } from './streams/series.ts';
import type { Files } from './told.ts';

const Nothing = Type.Object({}, { additionalProperties: false });

/** Events and series of any other system, from a file. There is no vendor: `import` tells the records, and a pull reads them from the store. */
export const imports = defineConnector<typeof Nothing, typeof Nothing, Files>({
  id: 'import',
  normalizer: 'import/1',
  config: Nothing,
  scope: Nothing,
  limits: { requestsPerMinute: 60_000, concurrency: 10, pageSize: 1_000 },
  streams: [events, series, files],
  told: { claims: (source, service) => [`${source}/service:${service}`, `${source}/metric:${service}/*`] },
  open: (_config, { told }) => ({ told }),
  claims: () => [],
  check: async () => ({ checks: [{ name: 'reachable', ok: true, detail: 'what files told is kept in the store: nobody is asked' }] }),
});
