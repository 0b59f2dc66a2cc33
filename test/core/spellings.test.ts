import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { analyze } from '../../src/core/analysis/analyze.ts';
import type { PersonConfig } from '../../src/core/analysis/policy.ts';
import { assemble, type Case } from '../../src/core/case.ts';
import { disguiseOf } from '../../src/core/disguise.ts';
import { compose } from '../../src/core/draft/compose.ts';
import type { Draft } from '../../src/core/draft/model.ts';
import type { RecordedEvent } from '../../src/core/events.ts';
import type { Fact } from '../../src/core/facts.ts';
import type { Place } from '../../src/core/names.ts';
import { peopleOf } from '../../src/core/people.ts';
import { assignRoles } from '../../src/core/roles.ts';
import type { Stamped } from '../../src/core/timeline/normalize.ts';
import { drawFigure } from '../../src/render/figure.ts';
import { renderHtml } from '../../src/render/html.ts';
import { renderJson } from '../../src/render/json.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { API_SERVICE, eventOf, factOf, incidentFactOf, instant, recordOf, seriesOf, snapshotOf } from '../support/events.ts';
import { alarmOf, ERRORS } from '../support/sample-case.ts';

/** Written before the code was read, by somebody who had not written it: nobody may fit the list to the code. */
interface Spellings {
  readonly people: readonly {
    readonly name: string;
    readonly source: 'pagerduty' | 'github' | 'people';
    readonly email?: string;
    readonly login?: string;
    readonly names?: readonly string[];
    readonly role?: string;
    readonly spellings: readonly { readonly where: Where; readonly text: string; readonly hides: readonly string[] }[];
  }[];
  readonly unknown: readonly { readonly name: string; readonly where: Where; readonly text: string }[];
  readonly innocent: readonly string[];
}
type Where = 'subject' | 'diff' | 'branch' | 'note' | 'alarm' | 'text';

const { people, unknown, innocent }: Spellings = JSON.parse(readFileSync(new URL('spellings.json', import.meta.url), 'utf8'));
const written = people.flatMap(({ spellings }) => spellings);

const config: readonly PersonConfig[] = people
  .filter(({ source }) => source === 'people')
  .map(({ role = '', login, names = [] }) => ({ role, names: [...names], ...(login !== undefined && { github: login }) }));
const persons: readonly Fact[] = people
  .filter(({ source }) => source !== 'people')
  .map(({ name, email = '', login }, at) =>
    factOf({ kind: 'person', key: login ? `github:user:${login}` : `pagerduty:user:P${at}`, names: [name, email] }),
  );

const ALERTED = { belongsTo: ['pagerduty/service:PAPI001'], correlationKeys: ['pagerduty/incident:PABC'] };
const SHAS = ['4e09993b9c9d4cc83d4ebe684ce423562dcc6e04', 'dac31aa679972c25586112cb48db232900b291a4'] as const;

/** A record that shows a text where its source would. */
function recordWith(where: Where, text: string, at: number): Stamped {
  const minute = instant(`14:${String(at % 60).padStart(2, '0')}:${String(at % 59).padStart(2, '0')}`).slice(11, 19);
  const key = `${where}-${at}`;
  const event = (own: RecordedEvent) => recordOf(key, { events: [own] });
  const told = {
    note: () =>
      event(eventOf('note.added', minute, { key, actor: { kind: 'person', id: `pagerduty:user:P${at % 3}` }, attributes: { text } })),
    text: () => event(eventOf('status.published', minute, { key, attributes: { text } })),
    alarm: () => event(eventOf('incident.triggered', minute, { key, ...ALERTED, attributes: { 'source.summary': text } })),
    branch: () => event(eventOf('deployment.started', minute, { key, attributes: { 'deployment.id': key, 'vcs.ref.head.name': text } })),
    subject: () => recordOf(key, { facts: [changeOf(at, text)] }, { source: 'github', stream: 'changes' }),
    diff: () => recordOf(key, { facts: [comparisonOf(key, text)] }, { source: 'github', stream: 'comparisons' }),
  } as const satisfies Record<Where, () => Stamped>;
  return told[where]();
}

function changeOf(number: number, title: string): Fact {
  const url = `https://github.com/acme/api/pull/${number}`;
  return factOf({
    kind: 'change',
    key: `github/pull:acme/api#${number}`,
    number,
    title,
    url,
    revisions: [SHAS[0]],
    mergedAt: instant('13:00'),
  });
}

function comparisonOf(key: string, patch: string): Fact {
  const [head, base] = SHAS;
  const files = [{ path: `src/${key}.ts`, patch: `@@ -1,1 +1,2 @@\n${patch}` }];
  return factOf({ kind: 'comparison', key, base, head, status: 'ahead', commits: [head], files, filesCut: false });
}

function caseWith(told: readonly { readonly where: Where; readonly text: string }[]): Case {
  const alarms = told.filter(({ where }) => where === 'alarm').map(({ text }) => text);
  const values = Array.from({ length: 120 }, (_, at) => (at < 29 || at > 50 ? 4 : 900));
  const records = [
    recordOf('PABC', { facts: [incidentFactOf({ title: `ALARM: ${alarms.join(' / ')}` })] }, { stream: 'incidents' }),
    recordOf('people', { facts: persons }, { stream: 'incidents' }),
    recordOf('alarm', { facts: [alarmOf()] }, { source: 'aws-prod', stream: 'alarms' }),
    recordOf('fired', { events: [eventOf('alert.fired', '14:32')] }, { source: 'aws-prod', stream: 'alarm_history' }),
    recordOf('series', { series: [seriesOf(ERRORS, 60_000, '14:00', values)] }, { source: 'aws-prod', stream: 'series' }),
    recordOf('resolved', { events: [eventOf('incident.resolved', '14:59:59')] }),
    ...told.map(({ where, text }, at) => recordWith(where, text, at)),
  ];
  return assemble(snapshotOf(records, { people: config, draft: { authors: [], code: 'patch', template: null } }), records, [API_SERVICE]);
}

function draftOf(theCase: Case): Draft {
  return compose(theCase, analyze(theCase), [], 'sha256:0');
}

function everyFormat(draft: Draft): readonly string[] {
  const figures = draft.sections.flatMap(({ blocks }) => blocks.filter(({ kind }) => kind === 'figure'));
  return [renderMarkdown(draft), renderHtml(draft), renderJson(draft), ...figures.flatMap(({ key }) => drawFigure(draft, key) ?? [])];
}

/** Where the tokens of a name stand as words of a text, whatever their case. */
function seenIn(text: string, tokens: readonly string[]): readonly string[] {
  const plain = text.normalize('NFC');
  // `Doe` does not stand in "does".
  const literal = (token: string) => token.normalize('NFC').replaceAll(/[.*+?^$()[\]{}|\\]/g, '\\$&');
  return tokens.filter((token) => new RegExp(`(?<!\\p{L})${literal(token)}${token.length < 4 ? '(?!\\p{L})' : ''}`, 'iu').test(plain));
}

const PLACES: Readonly<Partial<Record<Where, Place>>> = { diff: 'code', branch: 'branch' };

describe('twelve people whom the sources know', () => {
  const known = peopleOf(config, persons, []);
  const disguise = disguiseOf(known, assignRoles(known, [], []));

  it.each(written)('are nowhere: $text', ({ where, text, hides }) => {
    expect(seenIn(disguise.text(text, PLACES[where] ?? 'prose'), hides)).toEqual([]);
  });

  it('stand in none of the formats, whatever they were called and wherever', () => {
    const draft = draftOf(caseWith(written));
    const formats = everyFormat(draft);
    expect(formats.length).toBeGreaterThan(3);
    const tokens = [...new Set(written.flatMap(({ hides }) => hides))];
    for (const text of formats) expect(seenIn(text, tokens)).toEqual([]);
    expect(written.length).toBeGreaterThanOrEqual(60);
  });

  it('keep their roles when the draft is made again with late evidence', () => {
    const sooner = draftOf(caseWith(written.slice(0, 40)));
    const later = draftOf(caseWith(written));
    const rows = ({ sections }: Draft) =>
      new Map(
        sections
          .flatMap(({ blocks }) => blocks)
          .flatMap((block) =>
            block.kind === 'row' && /responder \d/.test(block.what.text) ? [[block.key, block.what.text] as const] : [],
          ),
      );
    const now = rows(later);
    const kept = [...rows(sooner)].filter(([key]) => now.has(key));
    expect(kept.length).toBeGreaterThan(10);
    for (const [key, text] of kept) expect(now.get(key)).toBe(text);
  });
});

describe('six people whom no source knows', () => {
  it('are all listed for review', () => {
    const draft = draftOf(caseWith(unknown));
    const listed = draft.analysis.findings.flatMap((finding) => (finding.code === 'name_unknown' ? [finding.subject] : []));
    for (const { name } of unknown) expect(listed.join('\n')).toContain(name);
    const markdown = renderMarkdown(draft);
    for (const { name } of unknown) expect(markdown).toContain(name);
  });
});

it.each(innocent)('words that are nobody stay: %s', (text) => {
  const known = peopleOf(config, persons, []);
  expect(disguiseOf(known, new Map()).text(text)).toBe(text);
});
