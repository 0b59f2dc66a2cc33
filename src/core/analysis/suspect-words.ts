import type { Case } from '../case.ts';
import type { Departure } from './onset.ts';

/** What nothing runs: words, tests and the build. */
const IDLE =
  /(?:^|\/)(?:docs?|tests?|__tests__|specs?|\.github|\.circleci)\/|\.(?:md|mdx|rst|txt|adoc)$|(?:^|\/)(?:LICENSE|CODEOWNERS|\.gitignore)$|[._](?:test|spec)\.[a-z]+$/i;

/** What names of alarms, metrics and resources have in common: it names no part of a service. */
const PLAIN = new Set(
  (
    'app net alarm alarms high low too many few error errors rate count latency target targetgroup group load balancer loadbalancer prod ' +
    'production staging aws east west north south central api service services http https code elb sum average maximum minimum events ' +
    'event function functions stuck slow response time main default primary replica instance cluster region zone the and for src lib ' +
    'index config server client handler model utils common core test tests new old version health healthy unhealthy host hosts'
  ).split(' '),
);

/** What paths and texts call the thing that a kind of resource is. */
const KINDS: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /^AWS\/RDS|Database|DBInstance/,
    ['db', 'database', 'sql', 'migration', 'migrate', 'schema', 'pool', 'postgre', 'mysql', 'connection', 'query'],
  ],
  [/^AWS\/SQS|Queue/, ['queue', 'sqs', 'consumer', 'worker', 'job']],
  [/^AWS\/ElastiCache|Redis|Cache/, ['cache', 'redi', 'memcached', 'valkey']],
  [/^AWS\/DynamoDB/, ['dynamo', 'dynamodb', 'table']],
  [/^AWS\/Kinesis|Stream/, ['kinesi', 'stream', 'shard']],
];

/** Whether a path is of what does not run in production. */
export function isIdlePath(path: string): boolean {
  return IDLE.test(path);
}

/** The words of a path or a name, in lower case and without the s of a plural: `src/UserSessions.ts` is user, session, ts. */
export function wordsOf(text: string): readonly string[] {
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 1 && !/^[0-9a-f]*\d[0-9a-f]*$/.test(word))
    .map(singular);
}

function singular(word: string): string {
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}

/** What the departed series and their alarms name beside the service itself: the queue, the function, the database, the operation. */
export function wordsOfAlarm(departures: readonly Departure[], { services }: Pick<Case, 'services'>): ReadonlySet<string> {
  const plain = new Set([...PLAIN].map(singular));
  const own = new Set(services.flatMap(({ name, owns }) => [name, ...owns.map((claim) => claim.split(':').at(-1) ?? '')]).flatMap(wordsOf));
  const named = departures.flatMap(({ series, alarm }) => [...Object.values(series.dimensions), alarm?.key.split(':').at(-1) ?? '']);
  const words = named.flatMap(wordsOf).filter((word) => word.length > 2 && !plain.has(word) && !own.has(word));
  const kinds = departures.flatMap(({ series }) => {
    const place = series.key.slice(series.key.indexOf(':') + 1).split(/[?#]/)[0] ?? '';
    const said = [place, ...Object.keys(series.dimensions)].join(' ');
    return KINDS.flatMap(([pattern, kindWords]) => (pattern.test(said) ? kindWords : []));
  });
  return new Set([...words, ...kinds]);
}
