import { manual } from '../../connectors/manual/index.ts';
import { manualFixture } from './fixtures/manual.ts';
import { runContractSuite } from './suite.ts';

runContractSuite(manual, manualFixture);
