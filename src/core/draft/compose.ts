import type { Analysis } from '../analysis/analyze.ts';
import type { Case } from '../case.ts';
import type { Edit } from './edits.ts';
import type { Draft } from './model.ts';

/** Words what the analysis concludes: sections of blocks that cite, then people's edits laid over them. Pure. */
export function compose(theCase: Case, analysis: Analysis, _edits: readonly Edit[], draftId: string): Draft {
  const { windows, takenAt, asOf, subject, draft, incidents } = theCase;
  return {
    id: draftId,
    case: {
      incidents: [{ id: incidents[0], title: incidents[0], status: 'open' }],
      services: subject,
      authors: draft.authors,
      takenAt,
      ...(asOf && { asOf }),
      windows,
    },
    analysis,
    series: [],
    sections: [],
    edits: [],
  };
}
