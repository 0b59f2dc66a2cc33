import type { Running } from '../analysis/running.ts';
import type { Citation } from '../citation.ts';
import { joinCites, say } from './cite.ts';
import { formatLength } from './durations.ts';
import { isCalm, known } from './known.ts';
import { type Material, nameOf } from './material.ts';
import type { Block, Cited } from './model.ts';
import { citeReading, holesOf, wasRead } from './reading.ts';
import { capitalOf, listOf } from './words.ts';

/** Since less than this it is not told for how long: the bounds of the two times are as wide. */
const FRESH_MS = 60_000;

const OUT: ReadonlySet<string> = new Set(['deployment.succeeded', 'release.published']);

/** What ran for each service when the impact began, and for how long it had: the first thing that is asked in the room. */
export function atStart(material: Material): readonly Block[] {
  const { running } = material.analysis;
  const start = known(material, 'impact_started') ?? known(material, 'detected');
  if (!start || isCalm(material) || !wasRead(material, 'changes')) return [];
  const when = known(material, 'impact_started') ? 'When the impact started' : 'When it was detected';
  const told = running.map((one, at) => tell(one, at === 0 ? `${when}, ` : '', material));
  const [first, ...rest] = [...told, ...unknown(material, running.length === 0 ? when.replace('W', 'w') : 'then')];
  return first ? [{ kind: 'prose', key: 'root_cause.running', sentences: [first, ...rest] }] : [];
}

function tell({ service, revision, ageMs, cites, environment, beside }: Running, when: string, material: Material): Cited {
  const { revisionName, events } = material;
  const age = ageMs < FRESH_MS ? 'deployed less than a minute before' : `deployed ${formatLength(ageMs)} before`;
  const subject = when === '' ? capitalOf(nameOf(service)) : nameOf(service);
  // When it was out: the comparisons and pull requests of the change say nothing of that.
  const isEnd = (cite: Citation) => 'event' in cite && OUT.has(events.get(cite.event)?.type ?? '');
  const where = environment === undefined ? '' : ` in ${nameOf(environment)}`;
  const own = cites.find(isEnd) ?? cites[0];
  if (!beside) return say(`${when}${subject} ran ${revisionName(revision)}${where}, ${age}.`, [own]);
  const isSince = (cite: Citation) => 'event' in cite && events.get(cite.event)?.time.at === beside.since;
  const text = `${when}${subject} ran ${revisionName(revision)}${where}, ${age}; ${besideWords(beside, material)}.`;
  return say(text, joinCites([own], [beside.cites.find(isSince) ?? beside.cites[0]]));
}

/** `25 % ran v2.3.4` only where the record tells the share of the traffic. */
function besideWords({ revision, share }: NonNullable<Running['beside']>, { revisionName }: Material): string {
  const name = revisionName(revision);
  return share === undefined || share >= 1 ? `${name} was being rolled out` : `${Math.round(share * 1000) / 10} % ran ${name}`;
}

/** Of a service whose changes were read and show nothing that was out by then, that is said: silence would read as "nothing new". */
function unknown(material: Material, when: string): readonly Cited[] {
  const { theCase, analysis } = material;
  const names = theCase.subject.filter((name) => !analysis.running.some(({ service }) => service === name)).map(nameOf);
  if (names.length === 0) return [];
  const gap = holesOf(material, 'changes').length > 0 ? ', which was not read in whole,' : '';
  const text = `The record of changes${gap} does not show what ${listOf(names)} ran ${when}.`;
  return [say(text, joinCites(citeReading(material, 'changes')))];
}
