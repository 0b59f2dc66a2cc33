import type { MetricName } from '../analysis/metrics.ts';
import type { Citations } from '../citation.ts';
import { handings, judge, noAlarm, noStatus } from './assessment-sections.ts';
import { notTaken } from './called.ts';
import { citeEntry, joinCites, say } from './cite.ts';
import { citeFix } from './code-fix-section.ts';
import { findFixes, firstSuspect, reversalOf } from './fixes.ts';
import type { Material } from './material.ts';
import type { Block, Section } from './model.ts';
import { citeChange } from './patches.ts';
import { citeReading } from './reading.ts';
import { respondedOf } from './response-words.ts';
import { changeName } from './sentences.ts';
import { quoteOf } from './words.ts';

const REACH = 'Check how the page reaches the on-call, and when it moves on to the next person.';

const MISSING_REMEDY = 'Add an alarm that fires on this failure.';
const SILENT_REMEDY = 'Hold the threshold of the alarm against what its metric did here.';

const ALARM_REMEDIES = {
  alarm_slow: 'Check why the alarm fired later than its metric allowed: late values, or its own settings.',
  known_before_alarm: 'Let an alarm fire on what people noticed first.',
} as const;

/** What a missed target asks for, and of whom. Targets of a whole incident ask for nothing that one person could do. */
const REMEDIES: Readonly<Partial<Record<MetricName, { readonly what: string; readonly owner: string }>>> = {
  deployment_to_detection: {
    what: 'Compare errors before and after each deployment, so that a bad one is seen sooner.',
    owner: 'service owner',
  },
  time_to_detect: { what: 'Let the alarm fire sooner after the metric leaves its normal range.', owner: 'service owner' },
  time_to_page: { what: 'Shorten the way from the alarm to the page.', owner: 'on-call lead' },
  time_to_acknowledge: { what: REACH, owner: 'on-call lead' },
  time_to_communicate: { what: 'Agree who posts the first status update, and when.', owner: 'incident commander' },
  time_to_reverse: { what: 'Make a rollback faster.', owner: 'deployment tooling owner' },
  time_to_mitigate: {
    what: 'Write down the first steps for this kind of failure, and when to roll back.',
    owner: 'service owner',
  },
};

/** Work that the record itself asks for. Due date and priority are for people; so is every action that only they can see. */
export function actionsSection(material: Material): Section {
  return { key: 'actions', heading: 'Action items', blocks: [...fixSuspect(material), ...meetTargets(material), ...closeHoles(material)] };
}

function action(
  key: string,
  text: string,
  cites: Citations,
  ownerRole: string,
  links: readonly { text: string; url: string }[] = [],
): Block {
  return { kind: 'action', key: `actions.${key}`, what: say(text, cites, links), ownerRole };
}

/** A suspect that was taken back comes again with the next deployment, unless it is mended first. */
function fixSuspect(material: Material): readonly Block[] {
  const suspect = firstSuspect(material);
  const reversal = suspect && reversalOf(suspect, material);
  if (!suspect) return [];
  const [fix] = findFixes(suspect, material);
  const owner = `service owner of ${'why' in suspect.belongs ? material.service : suspect.belongs.service}`;
  if (fix && !fix.deployed) {
    const text = `Deploy #${fix.fact.number} ${quoteOf(fix.fact.title, 120)}: the record shows no deployment of it.`;
    const cites = joinCites(citeFix(fix), citeReading(material, 'changes'));
    return [action('deploy_fix', text, cites, owner, [{ text: `#${fix.fact.number}`, url: fix.fact.url }])];
  }
  if (fix || !reversal) return [];
  return [
    action(
      'fix',
      `Find and mend the fault before the ${changeName(suspect, material)} goes out again.`,
      citeChange(suspect, material),
      owner,
    ),
  ];
}

function meetTargets(material: Material): readonly Block[] {
  // Where no alarm fired, none can fire sooner: what to do about that is told below.
  const isSilent = noAlarm(material).length > 0;
  return judge(material).flatMap(({ name, within, what }) => {
    const remedy = REMEDIES[name];
    if (name === 'time_to_detect' && isSilent) return [];
    return within || !remedy ? [] : [action(name, remedy.what, what.cites, remedy.owner)];
  });
}

/** What would have told of it: one alarm more, or the one that stayed silent; of each once, whatever the services. */
function watchBetter(material: Material): readonly Block[] {
  const seen = Map.groupBy(noAlarm(material), ({ code }) => (code === 'alarm_silent' ? SILENT_REMEDY : MISSING_REMEDY));
  return [...seen].flatMap(([remedy, [first, ...others]], at) => {
    const more = others.flatMap(({ what }) => what.cites);
    return first ? [action(at === 0 ? 'alarm' : `alarm.${at + 1}`, remedy, joinCites(first.what.cites, more), 'service owner')] : [];
  });
}

function closeHoles(material: Material): readonly Block[] {
  const missed = new Set(judge(material).flatMap(({ name, within }) => (within ? [] : [name])));
  const alarm = watchBetter(material);
  const status = noStatus(material).map(({ what }) => {
    return action('status', 'Agree who posts status updates during an incident.', what.cites, 'incident commander');
  });
  const reach = notTaken(material).map(({ what }) => action('reach', REACH, what.cites, 'on-call lead'));
  const isPaging = missed.has('time_to_acknowledge');
  const watched = respondedOf(material).flatMap(({ code, what }) => {
    const remedy = code === 'alarm_slow' || code === 'known_before_alarm' ? ALARM_REMEDIES[code] : undefined;
    return remedy === undefined ? [] : [action(code, remedy, what.cites, 'service owner')];
  });
  return [
    ...alarm,
    ...watched.slice(0, 1),
    ...(missed.has('time_to_communicate') ? [] : status),
    ...(isPaging ? [] : reach),
    ...handOnBetter(material, isPaging || reach.length > 0),
  ];
}

/** What to look into where a page moved on: escalations only where no other action asks for the way of the page already. */
function handOnBetter(material: Material, isAsked: boolean): readonly Block[] {
  const { escalated, lapsed } = handings(material);
  const causes = [
    { key: 'paging', what: 'Check why the page moved on before the incident was taken.', entries: isAsked ? [] : escalated },
    { key: 'lapsed', what: 'Check why an acknowledgement ended while the incident was still open.', entries: lapsed },
  ];
  return causes.flatMap(({ key, what, entries: [first, ...rest] }) =>
    first ? [action(key, what, joinCites(citeEntry(first), ...rest.map(citeEntry)), 'on-call lead')] : [],
  );
}
