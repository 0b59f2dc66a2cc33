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
/** Words with a capital that are no person: a role, a team, a day, a tool, a thing of the trade, the first word of a sentence. */
const NO_PERSON = new RegExp(
  `^(?:${[
    'On-call|Oncall|Call|Primary|Secondary|Engineers?|Developers?|Responders?|Operators?|Managers?|Management|Lead(?:ership)?|Commander|Reviewers?|Authors?|Editors?|Volunteers?|Staff|Admins?',
    'Questions?|Someone|Everyone|Everything|Nobody|Nothing|Anyone|The|A|An|I|We|It|He|She|You|They|Who|This|That|These|Those|Our|Their',
    'While|When|Where|After|Before|Then|First|Second|Third|Finally|Later|Next|Last|Once|Since|Until|Initially|Eventually|Yesterday|Today|Now|Soon|Here|There|Meanwhile|Also|Only|All|Both|Some|Another|Other',
    'Team|Users?|Customers?|Clients?|Partners?|Vendors?|Providers?|Support|Alarms?|Alerts?|Incidents?|Pages?|Tickets?|Issues?|Bugs?|Errors?|Requests?|Status|Pager|Monitoring|Monitors?',
    'Fix(?:es)?|Hotfix|Patch|Changes?|Branch|Commit|Deploy(?:ment)?s?|Releases?|Rollbacks?|Reverts?|Config(?:uration)?|Workaround|Migration|Backups?|Pipeline|Builds?|Tests?|Traffic|Nodes?|Clusters?|Servers?|Hosts?|Databases?|Services?|Jobs?|Queues?|Caches?',
    'DevOps|QA|Ops|SRE|DBA|Platform|Security|Infra|Infrastructure|Engineering|Network(?:ing)?',
    'Kubernetes|Docker|Discord|Slack|Grafana|Icinga|Nagios|Prometheus|Alertmanager|Datadog|Pingdom|Opsgenie|Cloudflare|Fastly|Akamai|Jenkins|Github|Gitlab|Google|Amazon|Azure|Microsoft|Redis|Kafka|Postgres|Elasticsearch|Terraform|Helm|Argo|Sentry|Statuspage',
    'Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|May|June|July|August|September|October|November|December',
  ].join('|')})$`,
);

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
  const words = [...text.matchAll(/\b[A-Z][a-z'’-]{1,20}\b/g)].flatMap(({ 0: word, index }) => {
    if (NO_PERSON.test(word)) return [];
    const after = text.slice(index + word.length);
    const isOne = known.has(word) || ACTS.test(after) || (ROLE_BEFORE.test(text.slice(0, index)) && /^[\s)]/.test(`${after} `));
    return isOne ? [wholeName(word, text.slice(0, index), after)] : [];
  });
  return [...new Set([...owners, ...words])].filter(
    (name, _, all) => !all.some((other) => other !== name && other.split(' ').includes(name)),
  );
}

/** "Jane Miller forgot": of a name of several words each is one of it. */
function wholeName(word: string, before: string, after: string): string {
  const first = /(?:^|[\s(])((?:[A-Z][a-z'’-]{1,20} ){1,2})$/.exec(before)?.[1]?.trim().split(' ') ?? [];
  const last = /^((?: [A-Z][a-z'’-]{1,20}){1,2})(?![\w-])/.exec(after)?.[1]?.trim().split(' ') ?? [];
  const isName = (one: string) => !NO_PERSON.test(one);
  return [
    ...first.slice(first.findLastIndex((one) => !isName(one)) + 1),
    word,
    ...last.slice(0, last.findIndex((one) => !isName(one)) >>> 0),
  ].join(' ');
}
