import { github } from '../../connectors/github/index.ts';
import { githubFixture } from './fixtures/github.ts';
import { runContractSuite } from './suite.ts';

runContractSuite(github, githubFixture);
