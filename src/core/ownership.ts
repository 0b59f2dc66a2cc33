import type { Service } from './case.ts';
import type { Belonging } from './timeline/entry.ts';
/** `aws-prod/alarm:api-*` owns `aws-prod/alarm:api-5xx`. The longest claim wins; two services that claim alike are refused by the config. */
export function ownerOf(keys: readonly string[], services: readonly Service[], subject: readonly string[]): Belonging {
  const claims = services.flatMap(({ name, owns }) =>
    owns.filter((claim) => keys.some((key) => matches(claim, key))).map((claim) => ({ name, claim })),
  );
  const best = claims.toSorted((a, b) => b.claim.length - a.claim.length)[0];
  if (!best) return { service: 'unmapped', why: `no service owns ${keys.join(', ') || 'a record with no key'}` };
  return subject.includes(best.name) ? { service: best.name } : { service: 'other', why: `belongs to ${best.name}` };
}

function matches(claim: string, key: string): boolean {
  return claim.endsWith('*') ? key.startsWith(claim.slice(0, -1)) : key === claim;
}
