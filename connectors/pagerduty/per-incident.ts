import { eachKey, type Stream } from '../../src/contract/index.ts';
import type { PagerDuty } from './client.ts';

type Own = Pick<Stream<PagerDuty, unknown>, 'pull' | 'normalize'> &
  Pick<Stream<PagerDuty, unknown>['spec'], 'id' | 'emits' | 'settleSeconds'>;

/** An extra that PagerDuty tells in one answer for each incident, without pages and without a date filter. */
export function perIncident({ id, emits, settleSeconds, pull, normalize }: Own): Stream<PagerDuty, unknown> {
  return {
    spec: { id, emits, need: 'extra', windowField: 'none', mutability: 'mutable', settleSeconds },
    estimate: ({ keys }) => ({ requests: keys.length }),
    pull,
    parts: eachKey,
    normalize,
  };
}
