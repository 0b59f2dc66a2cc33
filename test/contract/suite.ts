import { describe } from 'vitest';
import type { AnyConnector } from '../../src/contract/index.ts';
import { testChecks } from './checks.ts';
import { testDuties } from './duties.ts';
import { testFaults } from './faults.ts';
import type { Fixture } from './fixture.ts';
import { testPulls } from './pulls.ts';
import { testWords } from './words.ts';

/**
 * The duties C1 to C16 of a connector as one suite: a test's title starts with the number of its duty. What can only go wrong over a
 * network (faults, permissions, deadlines) is tried where the fixture has one.
 */
export function runContractSuite(connector: AnyConnector, fixture: Fixture): void {
  describe(`the contract of ${connector.id}`, () => {
    testDuties(connector, fixture);
    testPulls(connector, fixture);
    testWords(connector, fixture);
    if (fixture.network) {
      testChecks(connector, { ...fixture, network: fixture.network });
      testFaults(connector, { ...fixture, network: fixture.network });
    }
  });
}
