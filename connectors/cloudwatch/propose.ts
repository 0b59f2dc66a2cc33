import Type from 'typebox';
import { reader } from '../../src/contract/index.ts';
import type { CloudWatch } from './client.ts';
import type { CloudWatchScope } from './config.ts';
import { nextToken } from './pages.ts';

/** A hundred alarms a page: an account with more is told by its first ten thousand. */
const MAX_PAGES = 100;
/** First words of names that say where an alarm stands and not whose it is. */
const PLACES = /^(?:prod|production|prd|live|stage|staging|stg|dev|development|test|qa|uat|sandbox|aws|cloudwatch|alarms?)$/i;
const named = reader(Type.Object({ AlarmName: Type.String() }));

type Proposal = { readonly name: string; readonly scope: CloudWatchScope };

/** For `init`: the account's alarms, grouped by the service that their names begin with. */
export async function propose(client: CloudWatch, signal: AbortSignal, tell?: (left: string) => void): Promise<readonly Proposal[]> {
  const names: string[] = [];
  const tokens = new Set<string>();
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await client.describeAlarms({ token }, signal);
    names.push(...answer.items.flatMap((item) => named.read(item)?.AlarmName ?? []));
    token = nextToken(answer, tokens, 'DescribeAlarms');
    if (token === undefined) break;
  }
  if (token !== undefined) tell?.(`alarms beyond the first ${names.length} of ${client.region}`);
  return groupAlarms(names);
}

/**
 * `api-HighErrorRate` and `api-HighLatency` are of `api`, by the prefix `api-`; where the first word is a place (`prod-api-5xx`) the
 * second one names the service and both make the prefix. A name without a mark between words belongs to nobody by its look.
 */
export function groupAlarms(names: readonly string[]): readonly Proposal[] {
  const prefixes = Map.groupBy(
    names.flatMap((name) => splitName(name) ?? []),
    ({ service }) => service,
  );
  return [...prefixes]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, found]) => ({ name, scope: { alarm_prefixes: [...new Set(found.map(({ prefix }) => prefix))].toSorted() } }));
}

function splitName(name: string): { readonly service: string; readonly prefix: string } | undefined {
  let prefix = '';
  for (const [whole, word = ''] of name.matchAll(/([A-Za-z0-9]+)[-_./: ]+/gy)) {
    prefix += whole;
    if (!PLACES.test(word)) return { service: word.toLowerCase(), prefix };
  }
  return undefined;
}
