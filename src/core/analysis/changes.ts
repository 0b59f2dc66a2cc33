import type { Citations } from '../citation.ts';
import type { Moment } from '../time.ts';
import type { Belonging } from '../timeline/entry.ts';
/** One rollout, however many events and facts speak of it: its start, end, revisions, pull requests, files and steps. */
export interface Change {
  /** `github/deployment:DE_kw…`, `flags/flag:new-cache@3`: stable, since suspects and judgments name it. */
  readonly key: string;
  readonly kind: 'deployment' | 'release' | 'merge' | 'flag' | 'config';
  readonly belongs: Belonging;
  readonly began: Moment;
  readonly ended?: Moment;
  readonly outcome: 'succeeded' | 'failed' | 'running' | 'not_reported';
  readonly environment?: string;
  readonly revision?: { readonly from?: string; readonly to: string };
  readonly pullRequests: readonly { readonly number: number; readonly title: string; readonly url: string }[];
  readonly files: readonly string[];
  /** The change that this one takes back: an earlier revision deployed again, or a revert. */
  readonly reverses?: string;
  readonly cites: Citations;
}
