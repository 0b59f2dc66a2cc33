import { imports } from '../../connectors/import/index.ts';
import { importFixture } from './fixtures/import.ts';
import { runContractSuite } from './suite.ts';

runContractSuite(imports, importFixture);
