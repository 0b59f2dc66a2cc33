import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PersonConfig } from '../../src/core/analysis/policy.ts';
import { type Disguise, disguiseOf } from '../../src/core/disguise.ts';
import type { RecordedEvent } from '../../src/core/events.ts';
import type { Fact } from '../../src/core/facts.ts';
import { unplacedNamesIn } from '../../src/core/name-forms.ts';
import { peopleOf } from '../../src/core/people.ts';
import { assignRoles, type RoleBook } from '../../src/core/roles.ts';
import { eventOf, factOf } from '../support/events.ts';
import { costOf, growthOf } from '../support/growth.ts';

const INCIDENT = 'pagerduty/incident:PABC';
const jane = { kind: 'person', id: 'pagerduty:user:PJANED1', name: 'Jane Doe' } as const;
const john = { kind: 'person', id: 'pagerduty:user:PJSMITH', name: 'John Smith' } as const;
const maria = { kind: 'person', id: 'github:user:mgarcia' } as const;
const robot = { kind: 'automation', name: 'CloudWatch' } as const;

const facts: readonly Fact[] = [
  factOf({ kind: 'person', key: jane.id, names: ['Jane Doe', 'jane.doe@acme.example'] }),
  factOf({ kind: 'person', key: john.id, names: ['John Smith'] }),
  factOf({ kind: 'person', key: 'github:user:janedoe', names: ['janedoe', 'Jane Doe', 'jane.doe@acme.example'] }),
  factOf({ kind: 'person', key: maria.id, names: ['mgarcia', 'María García', 'maria.garcia@acme.example'] }),
  factOf({ kind: 'person', key: 'github:user:will-w', names: ['will-w', 'Will White'] }),
];

/** The course of the sample incident, as far as it names people. */
const events: readonly RecordedEvent[] = [
  eventOf('change.merged', '13:31:52', { actor: maria, attributes: { 'vcs.change.id': '1234' } }),
  eventOf('incident.triggered', '14:33', { actor: robot }),
  eventOf('incident.reassigned', '14:33', { actor: robot, attributes: { 'responder.id': jane.id } }),
  eventOf('incident.acknowledged', '14:35', { actor: jane }),
  eventOf('responder.requested', '14:36', { actor: jane, attributes: { 'responder.id': john.id } }),
  eventOf('note.added', '14:40', { actor: john }),
];

function booked(config: readonly PersonConfig[] = [], own = events): { readonly book: RoleBook; readonly disguise: Disguise } {
  const people = peopleOf(config, facts, own);
  const book = assignRoles(people, own, [INCIDENT]);
  return { book, disguise: disguiseOf(people, book) };
}

describe('a person', () => {
  it('is one whatever ids the vendors gave, where an e-mail address or a full name is theirs alone', () => {
    const ids = peopleOf([], facts, events).map((person) => person.ids);
    expect(ids).toEqual([['github:user:janedoe', jane.id], [maria.id], ['github:user:will-w'], [john.id]]);
  });

  it('is two where two accounts of one vendor bear the name', () => {
    const namesake = factOf({ kind: 'person', key: 'pagerduty:user:PJANED2', names: ['Jane Doe'] });
    const github = factOf({ kind: 'person', key: 'github:user:jdoe', names: ['Jane Doe'] });
    const known = factOf({ kind: 'person', key: jane.id, names: ['Jane Doe'] });
    expect(peopleOf([], [known, namesake, github], [])).toHaveLength(3);
  });

  it('is joined by the configuration whatever else is known, and a login is read in any case', () => {
    const config = [{ role: 'database on-call', pagerduty: 'PJSMITH', github: 'JSmith', names: ['johnny'] }];
    const commits = factOf({ kind: 'person', key: 'github:user:jsmith', names: ['js@home.example'] });
    const person = peopleOf(config, [...facts, commits], events).find(({ role }) => role === 'database on-call');
    expect(person?.ids).toEqual(['github:user:jsmith', john.id]);
    expect(person?.names).toEqual(['John Smith', 'johnny', 'js@home.example', 'jsmith']);
  });

  it('does not depend on the order of what is told of them', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...facts], { minLength: facts.length }),
        fc.shuffledSubarray([...events], { minLength: events.length }),
        (told, seen) => {
          const people = peopleOf([], told, seen);
          expect(people).toEqual(peopleOf([], facts, events));
          expect(assignRoles(people, seen, [INCIDENT])).toEqual(booked().book);
        },
      ),
    );
  });
});

describe('a role', () => {
  it('is who was called first, who answered, who wrote the change', () => {
    expect(Object.fromEntries(booked().book)).toEqual({
      [jane.id]: 'primary on-call',
      'github:user:janedoe': 'primary on-call',
      [john.id]: 'responder 1',
      [maria.id]: 'author of #1234',
    });
  });

  it('is what the configuration says before all else', () => {
    const { book } = booked([{ role: 'database on-call', pagerduty: 'PJSMITH', names: [] }]);
    expect(book.get(john.id)).toBe('database on-call');
  });

  it('is "secondary on-call" for whom the first escalation brings, and no more for later ones', () => {
    const escalated = [
      ...events.slice(0, 3),
      eventOf('incident.escalated', '14:38', { actor: robot, attributes: { 'responder.id': john.id } }),
      eventOf('incident.escalated', '14:48', { actor: robot, attributes: { 'responder.id': 'pagerduty:user:PBOSS' } }),
    ];
    const { book } = booked([], escalated);
    expect([jane.id, john.id, 'pagerduty:user:PBOSS'].map((id) => book.get(id))).toEqual([
      'primary on-call',
      'secondary on-call',
      'responder 1',
    ]);
  });

  it('is the level that the source states, where it does', () => {
    const stated = [...facts, factOf({ kind: 'person', key: john.id, names: [], level: 1 })];
    const people = peopleOf([], stated, events);
    const book = assignRoles(people, events, [INCIDENT]);
    expect([book.get(john.id), book.get(jane.id)]).toEqual(['primary on-call', 'primary on-call 2']);
  });

  it('is no level for whom a person hands the incident to, or another policy brings', () => {
    const handed = [
      ...events.slice(0, 4),
      eventOf('incident.reassigned', '14:36', { actor: jane, key: 'h', attributes: { 'responder.id': john.id } }),
    ];
    const delegated = [
      ...events.slice(0, 4),
      eventOf('incident.delegated', '14:36', { actor: jane }),
      eventOf('incident.reassigned', '14:36', { actor: robot, key: 'd', sequence: 1, attributes: { 'responder.id': john.id } }),
    ];
    expect([handed, delegated].map((course) => booked([], course).book.get(john.id))).toEqual(['responder 1', 'responder 1']);
  });

  it("is given by the case's own incidents before others", () => {
    const elsewhere = eventOf('incident.acknowledged', '14:13', {
      actor: john,
      key: 'x',
      correlationKeys: ['pagerduty/incident:POTHER'],
      attributes: { 'incident.id': 'POTHER' },
    });
    const { book } = booked(
      [],
      [elsewhere, ...events.slice(0, 4), eventOf('note.added', '14:50', { actor: { kind: 'person', id: 'pagerduty:user:PLATE' } })],
    );
    expect([book.get('pagerduty:user:PLATE'), book.get(john.id)]).toEqual(['responder 1', 'responder 2']);
  });
});

describe('a text', () => {
  const { disguise } = booked();

  it.each([
    ['Killed the queries together with Jane Doe: no effect.', 'Killed the queries together with primary on-call: no effect.'],
    ['jane doe and JANE DOE, Doe, Jane', 'primary on-call and primary on-call, primary on-call'],
    ["Jane's idea, asked jane", "primary on-call's idea, asked primary on-call"],
    ['Maria Garcia, maría garcía, Mari\u0301a Garci\u0301a', 'author of #1234, author of #1234, author of #1234'],
    ['María said so; Garcia too', 'author of #1234 said so; author of #1234 too'],
    ['mail jane.doe@acme.example or JANE.DOE@ACME.EXAMPLE', 'mail primary on-call or primary on-call'],
    ['mail ops.person@other.example', 'mail someone'],
    ['cc @janedoe @mgarcia @stranger @jane.doe', 'cc primary on-call author of #1234 someone primary on-call'],
    ['merged by mgarcia (janedoe approved)', 'merged by author of #1234 (primary on-call approved)'],
    ['ping <@U012AB3CD> and @here', 'ping someone and @here'],
    ['Acknowledged by Jane Doe.', 'Acknowledged by primary on-call.'],
    ['see https://github.com/janedoe/notes', 'see https://github.com/primary on-call/notes'],
    ['Will White restarted it; @will-w knows', 'someone restarted it; someone knows'],
  ])('%s', (text, expected) => {
    expect(disguise.text(text)).toBe(expected);
    expect(disguise.text(expected)).toBe(expected);
  });

  it.each([
    'Janet and Johnson are not known, nor is janedoes-bucket or mgarcia-test',
    'Will retry in a minute. White label pages are fine.',
    'Database connection pool is at 100% (200 of 200 connections in use).',
    'ALARM: "api-HighErrorRate" in US East (N. Virginia)',
    'installed @acme/api and pkg@1.2.3, git@github.com:acme/api.git',
    '41898282+github-actions[bot]@users.noreply.github.com deployed',
    'at 14:30@UTC, 5 @ 3',
    '',
  ])('stays: %s', (text) => {
    expect(disguise.text(text)).toBe(text);
  });

  it('that is code keeps its decorators, and loses whom it names', () => {
    const patch = '@@ -1,3 +1,4 @@\n+@Injectable()\n+// Jane: ask john.smith@acme.example, not mgarcia\n+const jane = list(@types/node);';
    expect(disguise.text(patch, 'code')).toBe(
      '@@ -1,3 +1,4 @@\n+@Injectable()\n+// primary on-call: ask someone, not author of #1234\n+const jane = list(@types/node);',
    );
  });

  it('names nobody whom two people could be: it says someone', () => {
    const namesake = factOf({ kind: 'person', key: 'pagerduty:user:PJANE2', names: ['Jane Roe'] });
    const people = peopleOf([], [...facts, namesake], events);
    const both = disguiseOf(people, assignRoles(people, events, [INCIDENT]));
    expect(both.text('Jane Doe called Jane')).toBe('primary on-call called someone');
  });

  it("does not take a team's account for a person", () => {
    const team = factOf({ kind: 'person', key: 'pagerduty:user:PTEAM', names: ['Database On-Call'] });
    const people = peopleOf([], [...facts, team], events);
    const one = disguiseOf(people, assignRoles(people, events, [INCIDENT]));
    expect(one.text('Database connections are exhausted, call the Database On-Call')).toBe(
      'Database connections are exhausted, call the someone',
    );
  });

  it('costs what its length says, whatever the number of people', () => {
    const crowd = Array.from({ length: 2000 }, (_, at) =>
      factOf({ kind: 'person', key: `github:user:user${at}`, names: [`Given${at % 50} Family${at}`] }),
    );
    const people = peopleOf([], crowd, []);
    const many = disguiseOf(people, new Map());
    const few = disguiseOf(people.slice(0, 50), new Map());
    const text = 'Given7 Family8 looked at the pool with a.b-c and @x. '.repeat(4000);
    expect(costOf(() => many.text(text))).toBeLessThan(8 * (costOf(() => few.text(text)) + 1));
  });

  it.each(['a', '@', 'a@', '@a', 'a@a', 'a.', 'a@a.', '<@A', '<@AB|', 'Jane ', 'Jane@', '-', 'é'])(
    'of any shape costs what its length says: %j',
    (piece) => {
      expect(growthOf((text) => disguise.text(text), piece)).toBeLessThan(30);
    },
  );
});

describe('an event', () => {
  const { disguise } = booked();

  it('says the role of who acts and of who is called, and an automation keeps its name', () => {
    const called = disguise.event(events[2] ?? eventOf('note.added', '14:38'));
    expect(called.actor).toEqual(robot);
    expect(called.attributes).toEqual({ 'incident.id': 'PABC', 'responder.id': jane.id, 'responder.name': 'primary on-call' });
    expect(disguise.event(events[3] ?? called).actor).toEqual({ kind: 'person', id: jane.id, name: 'primary on-call' });
  });

  it('has no login in an id, and the same id for the same person', () => {
    const merged = disguise.event(events[0] ?? eventOf('note.added', '14:38'));
    expect(JSON.stringify(merged)).not.toContain('mgarcia');
    expect(merged.actor?.id).toMatch(/^github:user:[0-9a-z]{10}$/);
    expect(disguise.event(eventOf('deployment.started', '14:45', { actor: { kind: 'person', id: 'github:user:janedoe' } })).actor?.id).toBe(
      jane.id,
    );
  });

  it('keeps what identifies and loses names in every text, also one that a connector adds later', () => {
    const told = eventOf('alert.fired', '14:32', { attributes: { 'alert.rule': 'Jane Doe', ...{ 'alert.description': 'ask Jane Doe' } } });
    expect(disguise.event(told).attributes).toEqual({ 'alert.rule': 'Jane Doe', 'alert.description': 'ask primary on-call' });
  });

  it('loses names in the titles and patches of facts, and a person fact is a role', () => {
    const title = disguise.fact(
      factOf({
        kind: 'change',
        key: 'github/pull:acme/api#1',
        number: 1,
        title: "Revert Jane Doe's cache",
        url: 'https://x',
        revisions: [],
      }),
    );
    const diff = disguise.fact(
      factOf({
        kind: 'comparison',
        key: 'c',
        base: 'a',
        head: 'b',
        status: 'ahead',
        commits: [],
        filesCut: false,
        files: [{ path: 'OWNERS', patch: '+@janedoe' }],
      }),
    );
    const person = disguise.fact(facts[3] ?? factOf({ kind: 'person', key: 'x', names: [] }));
    expect(title).toMatchObject({ title: "Revert primary on-call's cache" });
    expect(diff).toMatchObject({ files: [{ path: 'OWNERS', patch: '+primary on-call' }] });
    expect(JSON.stringify(person)).not.toMatch(/garcia/i);
    expect(person).toMatchObject({ names: ['author of #1234'] });
  });
});

describe('a name that nobody knows', () => {
  it.each([
    ['Debugged with Alex Rivera for an hour', ['Alex Rivera']],
    ["thanks to Anne-Marie O'Neil", ["Anne-Marie O'Neil"]],
    ['escalated to Kim Novak, then paged Lou Reed', ['Kim Novak', 'Lou Reed']],
    ['Acknowledged by primary on-call', []],
    ['Hosted by Amazon Web Services', []],
    ['with Connection Pool Exhaustion', []],
    ['Deployed by GitHub Actions', []],
    ['alarm from New Relic', []],
    ['in US East (N. Virginia), with High Latency', []],
    ['Kim Novak restarted it', ['Kim Novak']],
    ['Payment Service restarted, Thanks to Support and Kafka', []],
    ['Contact Carlos, then ask Dmitri', ['Carlos', 'Dmitri']],
  ])('%s', (text, names) => {
    expect(unplacedNamesIn(text)).toEqual(names);
  });
});
