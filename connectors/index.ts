import type { AnyConnector } from '../src/contract/index.ts';
import { credentialSign } from './cloudwatch/credential-chain.ts';
import { cloudwatch } from './cloudwatch/index.ts';
import { github } from './github/index.ts';
import { GROWING, mergeBody, readFile } from './import/file.ts';
import { imports } from './import/index.ts';
import { mappingReader, PLAIN } from './import/mapping.ts';
import { manual } from './manual/index.ts';
import { pagerduty } from './pagerduty/index.ts';

/** The registry: every connector that this build knows, one line each. */
export const CONNECTORS: readonly AnyConnector[] = [pagerduty, cloudwatch, github, manual, imports];

/** What follows an alarm's ARN to its account where no source is configured. */
export const ALARM_FOLLOWER = { connector: cloudwatch, credentialSign } as const;

/** What reads the files of other systems. */
export const FILES = { connector: imports, readFile, mergeBody, growing: GROWING, readMapping: mappingReader, plain: PLAIN } as const;
