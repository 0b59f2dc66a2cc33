import { manual } from '../../connectors/manual/index.ts';
import { toldFixture } from './fixtures/told.ts';
import { runContractSuite } from './suite.ts';

const incident = 'pagerduty/incident:Q1POOL0EXHAUST';
const said = { incident, reason: 'A customer rang.', author: 'Ann Lee', saidAt: '2024-01-15T15:40:00Z' };
const at = '2024-01-15T14:28:00Z';

const told = [
  { stream: 'milestones', nativeId: 'Q1/impact_started/1', body: { ...said, milestone: 'impact_started', at } },
  { stream: 'milestones', nativeId: 'Q1/impact_started/2', body: { ...said, milestone: 'impact_started', at, plusMinusSeconds: 60 } },
  { stream: 'events', nativeId: 'Q1/event/1', body: { ...said, text: 'The banner went up.', at } },
  { stream: 'judgments', nativeId: 'Q1/suspect/1', body: { ...said, change: 'github/deployment:DE_1', verdict: 'confirmed' } },
];

runContractSuite(manual, toldFixture(manual, told, [incident]));
