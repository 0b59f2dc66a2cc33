import type { Citation } from '../citation.ts';
import type { TimelineEntry } from '../timeline/entry.ts';
import { citeEntry, citeMilestone, joinCites } from './cite.ts';
import { postsOf } from './communication-section.ts';
import { firstSuspect } from './fixes.ts';
import { isCalm, known } from './known.ts';
import { type Material, nameOf } from './material.ts';
import type { Block, Section } from './model.ts';
import { citeChange, citePulls } from './patches.ts';
import { holesOf, wasRead, whyUnweighed } from './reading.ts';
import { relatedOf } from './related-section.ts';
import { respondedOf } from './response-words.ts';
import { changeName } from './sentences.ts';
import { capitalOf, listOf, numberOf, pairOf, stampOf } from './words.ts';

/** More than this nobody answers on the morning after. */
export const MOST_QUESTIONS = 12;

/** What only people can answer, with the section that it stands in. */
export interface Question {
  readonly section: Section['key'];
  /** Lower is asked first when there are too many. */
  readonly rank: number;
  readonly block: Extract<Block, { readonly kind: 'question' }>;
}

/** What only people know, best first, each with what to look at; at most twelve. */
export function askPeople(material: Material): readonly Question[] {
  // Where nobody was paged and no metric shows an impact, the first thing to know is whether there was one.
  const isSeen = wasRead(material, 'metrics') && holesOf(material, 'metrics').length === 0;
  if (isCalm(material) && isSeen) return [...aboutImpact(material).slice(0, 1), ...aboutAuthors(material)];
  const candidates = [
    ...aboutCause(material),
    ...aboutImpact(material),
    ...aboutFactors(material),
    ...aboutResponse(material),
    ...aboutLearning(material),
    ...aboutAuthors(material),
  ];
  return candidates.toSorted((a, b) => a.rank - b.rank).slice(0, MOST_QUESTIONS);
}

function ask(section: Section['key'], name: string, rank: number, text: string, lookAt: readonly Citation[] = []): Question {
  return { section, rank, block: { kind: 'question', key: `${section}.${name}`, text, lookAt } };
}

function aboutCause(material: Material): readonly Question[] {
  const suspect = firstSuspect(material);
  const words = notesOf(material);
  if (isCalm(material)) return [];
  const where = words.length > 0 ? 'the notes' : 'the timeline';
  if (!suspect) {
    const isCut = holesOf(material, 'changes').length > 0;
    const unknown = isCut ? 'The record of changes is not whole' : capitalOf(whyUnweighed(material));
    const record = material.analysis.suspectVerdict === 'none' ? 'No change in the record passes as a suspect' : unknown;
    return [ask('root_cause', 'mechanism', 1, `What set this off? ${record}; begin with ${where}.`, cite(words))];
  }
  const text = `How did the ${changeName(suspect, material)} lead to the impact? Compare its changes with ${where}.`;
  return [ask('root_cause', 'mechanism', 1, text, [...citeChange(suspect, material).slice(-1), ...cite(words)])];
}

function aboutImpact(material: Material): readonly Question[] {
  const start = known(material, 'impact_started');
  const [post] = postsOf(material);
  const seen = [...(start ? citeMilestone(start) : []), ...(post ? citeEntry(post) : [])];
  const paged = known(material, 'paged');
  const unknown = ask(
    'impact',
    'start',
    0,
    'When did users first notice, and when was it over for them? State both with "hindcast assert", and the durations follow.',
    paged ? citeMilestone(paged) : [],
  );
  const uncounted = start && !material.analysis.impactSize ? ' No metric that was read counts it.' : '';
  return [
    ...(start ? [] : [unknown]),
    ask('impact', 'users', 2, `Which users were affected, how many, and what could they not do?${uncounted}`, seen),
    ask(
      'impact',
      'cost',
      3,
      'What did it cost: lost orders, refunds, promises to customers, hours of work?',
      start ? citeMilestone(start) : [],
    ),
  ];
}

function aboutFactors(material: Material): readonly Question[] {
  const suspect = firstSuspect(material);
  const [note] = notesOf(material);
  const scanned = material.analysis.impactSeries.find(({ scan, departed, isBeside }) => scan && departed && !isBeside);
  const signal = scanned
    ? `Is ${nameOf(scanned.metric)} what users felt, and which alarm on it would have told of it in time?`
    : 'Which signal moved first, and does an alarm watch it?';
  const look = [...(note ? citeEntry(note) : []), ...alarmsOf(material)];
  const seen = ask(
    'factors',
    'signal',
    6,
    note ? `${signal} Begin with the note of ${stampOf(note.event.time.at, material.day)}.` : signal,
    look,
  );
  if (!suspect) return [ask('factors', 'conditions', 4, 'Which conditions had to come together for this to happen?', look), seen];
  const pulls = citePulls(suspect, material) ?? citeChange(suspect, material);
  return [
    ask(
      'factors',
      'safeguards',
      4,
      'Which tests, review steps and checks cover this change, and what did each show before it went out?',
      pulls,
    ),
    ...aboutRollout(material),
    seen,
  ];
}

/** Asked only where a deployment is the suspect: the shares that its own record names are told, and where else the same went out before. */
function aboutRollout(material: Material): readonly Question[] {
  const suspect = firstSuspect(material);
  if (suspect?.kind !== 'deployment') return [];
  const { revision, place, began } = suspect;
  const steps = material.analysis.changes.filter((change) => {
    const isSame = change.place === place && change.revision?.to === revision?.to && change.environment !== suspect.environment;
    return isSame && change.outcome === 'succeeded' && change.began.at < began.at;
  });
  const [first, ...rest] = [...new Set(steps.flatMap(({ environment }) => (environment ? [nameOf(environment)] : [])))];
  const [share, ...shares] = (suspect.steps ?? []).flatMap((step) =>
    step.share === undefined ? [] : [`${numberOf(Math.round(step.share * 1000) / 10)} %`],
  );
  const record = first === undefined ? 'shows no smaller step before it' : `shows it in ${listOf([first, ...rest])} before`;
  const whole = shares.length === 0 && suspect.steps?.at(-1)?.share === 1;
  const text = whole
    ? 'By its record, the deployment took all of the traffic at once. Is a smaller first step possible here, and what would it be watched by?'
    : share === undefined
      ? `How much of the traffic did the deployment take at once? The record${environmentsRead(place, material)} ${record}.`
      : `Was each step of the rollout watched for long enough? The record shows ${listOf([share, ...shares])} of the traffic.`;
  return [
    ask('factors', 'rollout', 5, text, [
      ...citeChange(suspect, material),
      ...steps.slice(0, 2).flatMap((step) => citeChange(step, material)),
    ]),
  ];
}

/** Where the configuration has only some environments of a repository read, the record speaks of these alone. */
function environmentsRead(place: string | undefined, { theCase }: Material): string {
  const repository = place?.replace('/', '/repo:') ?? '';
  const claims = theCase.services.flatMap(({ owns }) => owns).filter((claim) => claim.split('@')[0] === repository);
  const named = [...new Set(claims.flatMap((claim) => claim.split('@').slice(1)))];
  const [first, ...rest] = named.map(nameOf);
  return first === undefined || named.some((one) => one.includes('*')) ? '' : ` of ${listOf([first, ...rest])}`;
}

function aboutResponse(material: Material): readonly Question[] {
  const { day } = material;
  const taken = known(material, 'acknowledged') ?? known(material, 'paged');
  const turned =
    known(material, 'reversal_started') ?? known(material, 'mitigated') ?? known(material, 'recovered') ?? known(material, 'resolved');
  const span = taken && turned && taken.time.at < turned.time.at ? ` between ${pairOf(taken.time.at, turned.time.at, day, 'and')}` : '';
  const notes = notesOf(material);
  // The two times rest on their own milestones; with the first note there are three numbers, and more would be one for all.
  const ends = span === '' || !taken || !turned ? [] : joinCites(citeMilestone(taken), citeMilestone(turned));
  const helped = 'What helped that the record does not show, such as a runbook, a dashboard or a rehearsal?';
  const late = respondedOf(material).find(({ code }) => code === 'reversal_late');
  const awaited = 'What had to be clear, or in hand, before the reversal could start?';
  return [
    ...(late ? [ask('went_wrong', 'awaited', 8, awaited, late.what.cites)] : []),
    ask('went_well', 'helped', 7, helped, taken ? citeMilestone(taken) : cite(notes)),
    ask('went_wrong', 'slowed', 8, `What made the work slower or harder${span}?`, [
      ...ends,
      ...cite(notes.slice(0, ends.length > 0 ? 1 : undefined)),
    ]),
  ];
}

function aboutLearning(material: Material): readonly Question[] {
  const related = relatedOf(material);
  const suspect = firstSuspect(material);
  const shared = 'Does one of these incidents share a factor with this one, and what became of its action items?';
  const seen = related.slice(0, 3).map(({ evidence }) => ({ evidence }));
  return [
    ask(
      'prevention',
      'barrier',
      9,
      'Which one barrier would have kept this from users: test, review, rollout, limit or alarm?',
      suspect ? citeChange(suspect, material) : [],
    ),
    ask('lessons', 'surprise', 10, 'What surprised the people who responded, and what do they know now?', cite(notesOf(material))),
    ...(related.length > 0 ? [ask('related', 'shared', 12, shared, seen)] : []),
  ];
}

function aboutAuthors({ theCase }: Material): readonly Question[] {
  if (theCase.draft.authors.length > 0) return [];
  return [ask('summary', 'authors', 11, 'Who writes this post-mortem, and who reviews it?')];
}

/** Notes on the incident before it was closed: what people saw while they worked. */
function notesOf(material: Material): readonly TimelineEntry[] {
  const end = known(material, 'resolved')?.time.at;
  return material.ours.filter(({ event }) => {
    return (event.type === 'note.added' || event.type === 'message.posted') && (end === undefined || event.time.at <= end);
  });
}

function alarmsOf(material: Material): readonly Citation[] {
  const fired = material.ours.filter(({ event }) => event.type === 'alert.fired').slice(0, 1);
  return wasRead(material, 'alarms') ? cite(fired) : [];
}

/** At most four, the first ones: what a person can look at in a minute. */
function cite(entries: readonly TimelineEntry[]): readonly Citation[] {
  return entries.slice(0, 4).flatMap((entry) => citeEntry(entry).slice(0, 1));
}
