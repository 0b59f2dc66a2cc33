import { EMITS } from '../../connectors/import/events.ts';
import { imports } from '../../connectors/import/index.ts';
import { PLAIN } from '../../connectors/import/mapping.ts';
import { toldFixture } from './fixtures/told.ts';
import { runContractSuite } from './suite.ts';

const mapping = JSON.parse(JSON.stringify(PLAIN));
const common = { meaning: 'recorded', message: 'Something happened', state: 'identified', environment: 'production', actor: 'Ann Lee' };

/** One record of each type that a file can tell, a minute apart. */
const rows = EMITS.map((type, index) => ({
  stream: 'events',
  nativeId: `row-${index}`,
  time: '/row/time',
  body: { mapping, row: { ...common, type, time: `2024-01-15T14:${String(index).padStart(2, '0')}:00Z` } },
}));

const points = [0, 1, 2].map((minute) => ({ time: `2024-01-15T14:0${minute}:00Z`, metric: 'errors', value: minute, period_seconds: 60 }));
const told = [
  ...rows,
  { stream: 'series', nativeId: 'errors@60', body: { parts: [{ rows: points, mapping }] } },
  { stream: 'files', nativeId: 'slack.jsonl', body: { file: 'slack.jsonl', read: 3, refused: [], refusedMore: 0 } },
];

runContractSuite(imports, toldFixture(imports, told, []));
