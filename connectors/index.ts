import type { AnyConnector } from '../src/contract/index.ts';
import { cloudwatch } from './cloudwatch/index.ts';
import { github } from './github/index.ts';
import { pagerduty } from './pagerduty/index.ts';

/** The registry: every connector that this build knows, one line each. */
export const CONNECTORS: readonly AnyConnector[] = [pagerduty, cloudwatch, github];
