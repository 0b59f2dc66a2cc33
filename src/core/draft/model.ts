import type { Analysis } from '../analysis/analyze.ts';
import type { Citation, Citations } from '../citation.ts';
import type { Tombstone } from '../evidence.ts';
import type { Instant, Window } from '../time.ts';
import type { EditedBlock } from './edits.ts';
/** A sentence we generated must cite; only a question may stand alone. */
export interface Cited {
  readonly text: string;
  readonly cites: Citations;
  /** Phrases of `text` that lead somewhere: `#1234` to its pull request. */
  readonly links?: readonly { readonly text: string; readonly url: string }[];
}
interface Keyed {
  readonly key: string;
}

/** One line of a draft that is cited, edited and kept by its key. */
export type Block = Keyed &
  (
    | { readonly kind: 'prose'; readonly sentences: readonly [Cited, ...Cited[]] }
    | { readonly kind: 'row'; readonly time: string; readonly what: Cited; readonly url?: string }
    | { readonly kind: 'metric'; readonly label: string; readonly value: string; readonly cites: Citations }
    | {
        readonly kind: 'figure';
        readonly title: string;
        readonly alt: string;
        readonly series: readonly string[];
        readonly cites: Citations;
      }
    | {
        readonly kind: 'code';
        readonly language: 'diff';
        readonly text: string;
        readonly url: string;
        readonly cutLines: number;
        readonly cites: Citations;
      }
    | { readonly kind: 'action'; readonly what: Cited; readonly ownerRole: string }
    | { readonly kind: 'caveat'; readonly what: Cited }
    | { readonly kind: 'question'; readonly text: string; readonly lookAt: readonly Citation[] }
  );

/** A part of a draft under a heading of its own. */
export interface Section {
  readonly key:
    | 'summary'
    | 'impact'
    | 'timeline'
    | 'durations'
    | 'root_cause'
    | 'factors'
    | 'went_well'
    | 'went_wrong'
    | 'actions'
    | 'lessons'
    | 'related'
    | 'prevention'
    | 'graphs'
    | 'communication'
    | 'code_fix'
    | 'coverage';
  readonly heading: string;
  readonly blocks: readonly Block[];
}

/** What stands on top of a draft. */
export interface CaseHeader {
  readonly incidents: readonly [IncidentHeader, ...IncidentHeader[]];
  readonly services: readonly string[];
  readonly authors: readonly string[];
  /** The window that was asked for in place of an incident, as it was given; what was read around it is wider. */
  readonly asked?: Window;
  readonly windows: { readonly incident: Window; readonly changes: Window; readonly baseline: Window };
  readonly takenAt: Instant;
  readonly asOf?: Instant;
  /** `bundle:<root>` where the draft was made from an imported bundle. */
  readonly origin?: string;
}

/** An incident of the case, as its own record names it. */
export interface IncidentHeader {
  readonly id: string;
  readonly number?: number;
  readonly title: string;
  readonly url?: string;
  readonly severity?: string;
  /** `not_opened`: of a window in which no incident is. */
  readonly status: 'open' | 'resolved' | 'merged' | 'not_opened';
  /** The id of the incident that this one was merged into, where that is known. */
  readonly mergedInto?: string;
}

/** The points that figures draw; `null` is a period with no data, never a zero. */
export interface Plotted {
  readonly key: string;
  readonly label: string;
  readonly unit?: string;
  readonly periodMs: number;
  readonly points: readonly (readonly [startMs: number, value: number | null])[];
}

/** All that render sees. */
export interface Draft {
  readonly id: string;
  readonly case: CaseHeader;
  readonly analysis: Analysis;
  readonly series: readonly Plotted[];
  readonly sections: readonly Section[];
  /** Every block that people touched. */
  readonly edits: readonly EditedBlock[];
  /** The number of the last edit that this draft holds: marks carry it. Absent where nobody edited. */
  readonly lastEdit?: number;
  /** Records that it rests on and that are no longer stored: the draft stands as it was made while they were. Absent where there are none. */
  readonly purged?: readonly Tombstone[];
}
