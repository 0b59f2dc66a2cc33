import { pagerduty } from '../../connectors/pagerduty/index.ts';
import { pagerdutyFixture } from './fixtures/pagerduty.ts';
import { runContractSuite } from './suite.ts';

runContractSuite(pagerduty, pagerdutyFixture);
