import { cloudwatch } from '../../connectors/cloudwatch/index.ts';
import { cloudwatchFixture } from './fixtures/cloudwatch.ts';
import { runContractSuite } from './suite.ts';

runContractSuite(cloudwatch, cloudwatchFixture);
