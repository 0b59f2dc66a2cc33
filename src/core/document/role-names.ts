import type { DocumentFinding } from './finding.ts';
import type { Part } from './reader.ts';
import { withoutQuotes } from './visible-text.ts';

const AUTHORS = /^\W*(?:authors?|written by|facilitators?|participants?|attendees?|responders?|incident commander|team)\b\W*/i;
const NAME = /\b[A-Z][a-z'’-]{1,20}(?: [A-Z][a-z'’-]{1,20}){1,2}\b/g;
const ROLE_BEFORE = /\b(?:on[- ]?call|dba|sre|engineer|developer|reviewer|commander|lead|manager|operator|responder|author)\s*\(?\s*$/i;
/** What only people do: alarms report too, and connections start to climb. */
const ACTS =
  /^\s*(?:acknowledge[sd]?|merge[sd]|approve[sd]|roll(?:s|ed) back|revert(?:s|ed) (?:the|a|it|v)|notice[sd]|join(?:s|ed)|investigate[sd]|is paged|was paged|escalate[sd]|forgot|realize[sd])\b/;
const OWNER_HEAD = /\b(?:owner|assignee|who|responsible)\b/i;
/** Words with a capital that are no person: a role, a team, a day, a tool. */
const NO_PERSON =
  /^(?:On-call|Call|Primary|Secondary|Engineers?|Developers?|Responders?|Operators?|Managers?|Lead|Commander|Reviewers?|Authors?|Questions?|Someone|Everyone|Nobody|Anyone|The|A|An|We|It|They|This|That|Our|Team|Users?|Customers?|Support|Alarm|Alert|Incident|Rollback|Status|Pager|Database|Error|Service|DevOps|QA|Ops|SRE|DBA|Platform|Security|Infra|Infrastructure|Engineering|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|May|June|July|August|September|October|November|December)$/;

/** Names where a role would do: the authors named at the top, and a name that acts or owns. Who wrote the document may be named. */
export function nameFindings(parts: readonly Part[]): readonly DocumentFinding[] {
  const known = knownNames(parts);
  return parts.flatMap((part) => {
    if (part.kind === 'code' || part.kind === 'front' || part.isHead || AUTHORS.test(part.text)) return [];
    return withoutQuotes(part.text)
      .split('\n')
      .flatMap((text, index) => namesIn(text, part, known).map((name) => toFinding(name, part.line + index)));
  });
}

function toFinding(name: string, line: number): DocumentFinding {
  return {
    line,
    kind: 'name_in_role',
    stated: name,
    follows: 'A role says as much and blames nobody: "primary on-call", "author of the change".',
    sure: 'possible',
    verdict: 'wrong',
  };
}

/** The full names that the document gives its authors and responders, and the first names of those. */
function knownNames(parts: readonly Part[]): ReadonlySet<string> {
  const full = parts.filter(({ text }) => AUTHORS.test(text)).flatMap(({ text }) => text.replace(AUTHORS, '').match(NAME) ?? []);
  return new Set([...full, ...full.flatMap((name) => name.split(' ').slice(0, 1))]);
}

function namesIn(text: string, { cells, heads = [] }: Part, known: ReadonlySet<string>): readonly string[] {
  const owners = (cells ?? []).filter(
    (cell, at) => OWNER_HEAD.test(heads[at] ?? '') && /^[A-Z][a-z'’-]+(?: [A-Z][a-z'’-]+)?$/.test(cell) && !NO_PERSON.test(cell),
  );
  const words = [...text.matchAll(/\b[A-Z][a-z'’-]{1,20}\b/g)].filter(({ 0: word, index }) => {
    if (NO_PERSON.test(word)) return false;
    const after = text.slice(index + word.length);
    return known.has(word) || ACTS.test(after) || (ROLE_BEFORE.test(text.slice(0, index)) && /^[\s)]/.test(`${after} `));
  });
  return [...new Set([...owners, ...words.map(([word]) => word)])];
}
