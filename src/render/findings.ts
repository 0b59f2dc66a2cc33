import type { DocumentFinding, FindingKind } from '../core/document/finding.ts';

/** The findings of one document. */
export interface CheckedDocument {
  readonly path: string;
  readonly findings: readonly DocumentFinding[];
  /** How many entries of a timeline and how many stated lengths were read: nothing found in nothing is no praise. */
  readonly read: { readonly happenings: number; readonly claims: number };
}

/** What each kind of finding is about, as a rule's description. */
const RULES: Readonly<Record<FindingKind, string>> = {
  duration_contradicted: 'A stated length of time is not what the times say',
  durations_disagree: 'Two stated lengths of the same thing differ',
  order_wrong: 'An entry of the timeline stands out of order',
  midnight_slip: 'The day of an entry does not fit its neighbors',
  zone_slip: 'A time is off by whole hours',
  clocks_disagree: 'Two times of one entry do not fit together',
  claim_unsupported: 'No event supports the claim',
  event_missing: 'The record has an event that the document lacks',
  differs_from_record: 'The document says other than the record',
  placeholder_left: 'A template left this to be filled in',
  action_without_owner: 'Nobody is named to do it',
  action_without_date: 'No day is named to have it done by',
  blame: 'Words that blame, or argue with the past',
  name_in_role: 'A name where a role would do',
};

/**
 * An array with one object for each document: `{ path, findings, read: { happenings, claims } }`. A finding is `{ line, kind, stated,
 * follows, sure, verdict }`, as `DocumentFinding` says: `line` counts from 1, `sure` is certain, likely or possible, `verdict` wrong or
 * explained. Names and meanings are stable.
 */
export function renderFindingsJson(documents: readonly CheckedDocument[]): string {
  return `${JSON.stringify(documents, null, 2)}\n`;
}

/** Findings as lines that a terminal makes clickable: `file:line`, kind, what was stated, what follows. */
export function renderFindings(documents: readonly CheckedDocument[]): string {
  return documents
    .map(({ path, findings, read }) => {
      const seen = `${path}: read ${plural(read.happenings, 'entry', 'entries')} of a timeline and ${plural(read.claims, 'stated length', 'stated lengths')}`;
      const lines = findings.map(
        ({ line, kind, stated, follows, sure, verdict }) =>
          `${path}:${line}  ${kind}  (${verdict === 'explained' ? 'explained' : sure})\n    ${cut(stated)}\n    ${follows}`,
      );
      const count = findings.length === 0 ? 'nothing found' : plural(findings.length, 'finding', 'findings');
      return [...lines, `${seen}; ${count}`].join('\n');
    })
    .join('\n\n')
    .concat('\n');
}

/** SARIF 2.1.0 (OASIS 2020), which code hosts show beside the lines of a change. */
export function renderSarif(documents: readonly CheckedDocument[], version: string): string {
  const kinds = [...new Set(documents.flatMap(({ findings }) => findings.map(({ kind }) => kind)))].toSorted();
  const results = documents.flatMap(({ path, findings }) =>
    findings.map(({ line, kind, stated, follows, sure, verdict }) => ({
      ruleId: kind,
      level: verdict === 'explained' ? 'note' : sure === 'possible' ? 'warning' : 'error',
      message: { text: `${cut(stated)}: ${follows}` },
      locations: [{ physicalLocation: { artifactLocation: { uri: path.replaceAll('\\', '/') }, region: { startLine: line } } }],
    })),
  );
  const rules = kinds.map((kind) => ({ id: kind, shortDescription: { text: RULES[kind] } }));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'hindcast', version, rules } }, results }],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function cut(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 117)}…` : line;
}
