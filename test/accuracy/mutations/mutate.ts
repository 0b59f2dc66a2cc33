/** One change that makes a line say something else. Written without a look at the tables of what checks it. */
export interface Mutation {
  readonly kind: string;
  readonly text: string;
  /** The lines, counted from 1, of which any may be named. */
  readonly lines: readonly number[];
  readonly before: string;
  readonly after: string;
}

type Random = () => number;
type Change = (line: string, random: Random) => string | undefined;

/** Replaces one place, chosen at random, where the pattern stands; nothing where it stands nowhere or says the same afterwards. */
function oneOf(pattern: RegExp, write: (found: string, random: Random) => string | undefined): Change {
  return (line, random) => {
    const visible = line.replaceAll(/\]\([^)]*\)|\[\^\d+\]/g, (hidden) => '\u0000'.repeat(hidden.length));
    const places = [...visible.matchAll(new RegExp(pattern.source, pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`))];
    const place = places[Math.floor(random() * places.length)];
    if (!place) return undefined;
    const written = write(place[0], random);
    if (written === undefined || written === place[0]) return undefined;
    return line.slice(0, place.index) + written + line.slice(place.index + place[0].length);
  };
}

function otherNumber(text: string, random: Random): string {
  const value = Number(text.replaceAll(',', ''));
  const step = 1 + Math.floor(random() * Math.max(3, Math.min(value, 40)));
  const other = random() < 0.5 && value - step > 0 ? value - step : value + step;
  return text.includes(',') || other >= 10_000 ? other.toLocaleString('en-US') : `${other}`;
}

const pad = (value: number) => `${value}`.padStart(2, '0');

function clock(text: string, minutes: number): string {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  const all = (((hour * 60 + minute + minutes) % 1440) + 1440) % 1440;
  return `${pad(Math.floor(all / 60))}:${pad(all % 60)}`;
}

function among(...groups: readonly (readonly string[])[]): Change {
  const words = groups.flat().toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(
    `(?<![\\w-])(?:${words.map((word) => word.replaceAll(/[.*+?^$()|[\]\\{}]/g, '\\$&')).join('|')})(?![\\w-])`,
    'g',
  );
  return oneOf(pattern, (found, random) => {
    const group = groups.find((one) => one.includes(found))?.filter((word) => word !== found) ?? [];
    return group[Math.floor(random() * group.length)];
  });
}

function swapping(...pairs: readonly (readonly [string, string])[]): Change {
  const to = new Map(pairs);
  const words = [...to.keys()].toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(`(?<![\\w-])(?:${words.join('|')})(?![\\w-])`, 'g');
  return oneOf(pattern, (found) => to.get(found));
}

const TIME = /(?<![\d:])\d\d:\d\d(?![\d:])/;
const FILLERS = ['sessions', 'disk', 'restart', 'partially', 'yesterday', 'cluster', 'slowly', 'expired', 'minor', 'customer'];

/** What is done to a line of text. */
export const CHANGES: Readonly<Record<string, Change>> = {
  minute: oneOf(TIME, (found, random) => clock(found, (random() < 0.5 ? -1 : 1) * (1 + Math.floor(random() * 25)))),
  hour: oneOf(TIME, (found, random) => clock(found, 60 * (random() < 0.5 ? -1 : 1) * (1 + Math.floor(random() * 5)))),
  date: oneOf(/\b\d{1,2} (?:January|August|November|December|February) \d{4}/, (found, random) => {
    const [day = '1', month = '', year = '2024'] = found.split(' ');
    const pick = random();
    if (pick < 0.5) return `${(Number(day) % 27) + 1} ${month} ${year}`;
    return pick < 0.8 ? `${day} ${month === 'March' ? 'May' : 'March'} ${year}` : `${day} ${month} ${Number(year) - 1}`;
  }),
  count: oneOf(
    /(?<![\d:.,#–v-])\d{1,3}(?:,\d{3})*(?![\d:.,%–-]| ?min\b| ?h\b| ?s\b| (?:January|August|November|December))(?= )/,
    otherNumber,
  ),
  percent: oneOf(/\d+(?=%)/, otherNumber),
  duration: oneOf(/(?<![\d:.,–(])\d+(?= (?:min|h|s)\b)/, otherNumber),
  bounds: oneOf(/(?<=\()\d+(?:[:,]?\d+)*–\d+(?:[:,]?\d+)*/, (found, random) => {
    const [low = '', high = ''] = found.split('–');
    if (low.includes(':')) return undefined;
    return random() < 0.5 ? `${otherNumber(low, random)}–${high}` : `${low}–${otherNumber(high, random)}`;
  }),
  unit: oneOf(/(?<=\d )(?:min|s|h)\b/, (found, random) => ['min', 's', 'h'].filter((unit) => unit !== found)[Math.floor(random() * 2)]),
  threshold: oneOf(/(?<=(?:threshold (?:is|was|of)|target of|score of|at) )\d+(?:\.\d+)?(?![\d:])/, (found, random) =>
    found.includes('.') ? `0.${1 + Math.floor(random() * 8)}7` : otherNumber(found, random),
  ),
  score: oneOf(/(?<=score )\d+\.\d+/, (found, random) => `${(Number(found) + 0.07 + random() * 0.3).toFixed(2)}`),
  version: oneOf(/v\d+\.\d+\.\d+/, (found, random) => {
    const parts = found.slice(1).split('.').map(Number);
    const at = Math.floor(random() * 3);
    return `v${parts.map((part, index) => (index === at ? part + 1 + Math.floor(random() * 3) : part)).join('.')}`;
  }),
  reference: oneOf(/#\d+/, (found, random) => `#${otherNumber(found.slice(1), random).replaceAll(',', '')}`),
  role: swapping(
    ['Primary on-call', 'Secondary on-call'],
    ['primary on-call', 'secondary on-call'],
    ['database on-call', 'primary on-call'],
    ['service owner', 'release manager'],
    ['the on-call', 'the vendor'],
  ),
  name: among(
    ['api-HighErrorRate', 'api-HighLatency', 'checkout-HighErrorRate'],
    ['HTTPCode_Target_5XX_Count', 'HTTPCode_Target_4XX_Count', 'TargetResponseTime'],
    ['production', 'staging'],
    ['src/cache.ts', 'src/pool.ts'],
    ['src/routes/user-profile.ts', 'src/routes/orders.ts'],
    ['aws-prod', 'aws-dr'],
    ['checkout', 'payments'],
    ['service api', 'service web', 'service search'],
    ['alarm_history', 'alarm_states'],
    ['log_entries', 'change_events'],
    ['deployments', 'releases'],
  ),
  suspect: swapping(
    ['Deployment of v2.3.4', 'Deployment of 118'],
    ['deployment of v2.3.4', 'deployment of 118'],
    ['Rollback to v2.3.3', 'Deployment of v2.3.3'],
    ['rollback to v2.3.3', 'restart of v2.3.3'],
    ['first suspect', 'second suspect'],
  ),
  verb: among(
    ['acknowledged', 'escalated', 'snoozed'],
    ['fired', 'recovered'],
    ['started', 'finished', 'failed'],
    ['opened', 'closed', 'reopened'],
    ['deployed', 'scheduled'],
    ['paged', 'emailed'],
    ['dropping', 'climbing'],
    ['merged', 'abandoned'],
    ['posted', 'retracted'],
    ['Resolved', 'Monitoring'],
    ['degraded', 'restarted'],
  ),
  turn: swapping(
    ['within', 'outside'],
    ['over the target', 'under the target'],
    ['before', 'after'],
    ['after', 'before'],
    ['above', 'below'],
    ['inferred', 'observed'],
    ['same', 'other'],
    ['another', 'the same'],
    ['left', 'entered'],
    ['longest', 'shortest'],
    ['highest', 'lowest'],
    ['back to normal', 'far from normal'],
    ['was OK again', 'was in alarm again'],
    ['rolled back', 'kept'],
    ['merged', 'not merged'],
  ),
  negation: swapping(
    ['was followed by', 'was not followed by'],
    ['is inferred', 'is not inferred'],
    ['No single cause', 'A single cause'],
    ['no deployment', 'a deployment'],
    ['no effect', 'an effect'],
    ['It changed', 'It never changed'],
    ['could not be read', 'could be read'],
    ['fired at', 'never fired at'],
    ['was paged', 'was not paged'],
    ['was closed', 'was not closed'],
    ['was normal', 'was not normal'],
    ['acknowledged the incident', 'did not acknowledge the incident'],
    ['finished', 'never finished'],
    ['came', 'never came'],
  ),
  quote: oneOf(/(?<=“[^”]*)(?<![\w-])[a-z]{4,}(?![\w-])(?=[^“]*”)/, (_, random) => FILLERS[Math.floor(random() * FILLERS.length)]),
  quote_cut: oneOf(/(?<=“[^”]*) [a-z]{4,}(?= [^“]*”)/, () => ''),
  none: swapping(
    ['read in full', 'read in part'],
    ['0 records', '7 records'],
    ['unknown', '12 min'],
    ['no changes were read', 'all changes were read'],
    ['1 reaches', 'none reaches'],
    ['no effect', 'full effect'],
    ['were posted', 'were missed'],
    ['took all of the traffic', 'took half of the traffic'],
  ),
  severity: swapping(['P1', 'P3'], ['P2', 'P4']),
  added: (line, random) =>
    /[.”](?: \[\^\d+\])*$/.test(line) && !/^[>|#]/.test(line)
      ? `${line} ${
          [
            'About 4,200 orders were lost.',
            'It came back at 19:44.',
            'The load was 73% above normal.',
            'The cause was the deployment of v9.9.1.',
            'It took 95 min.',
          ][Math.floor(random() * 5)]
        }`
      : undefined,
};

/** A single change of a document: a word of one line, two rows of the timeline, or what two rows say. */
export function mutate(text: string, random: Random): Mutation {
  const lines = text.split('\n');
  for (;;) {
    // Kinds are equally frequent, however many places each has.
    const kind = pick([...Object.keys(CHANGES), 'rows', 'events'], random);
    const made = kind === 'rows' || kind === 'events' ? swapRows(lines, kind, random) : changeLine(lines, kind, random);
    if (made) return made;
  }
}

function changeLine(lines: readonly string[], kind: string, random: Random): Mutation | undefined {
  for (const { at } of changeable(lines)
    .map((at) => ({ at, rank: random() }))
    .toSorted((a, b) => a.rank - b.rank)) {
    const before = lines[at] ?? '';
    const after = CHANGES[kind]?.(before, random);
    if (after === undefined || after === before) continue;
    return { kind, text: lines.with(at, after).join('\n'), lines: [at + 1], before, after };
  }
  return undefined;
}

/** Lines that say something to a reader: no code, no rule of a table, no list of sources. */
function changeable(lines: readonly string[]): readonly number[] {
  let isCode = false;
  const end = lines.findIndex((line) => line.startsWith('## Sources'));
  return lines.slice(0, end < 0 ? undefined : end).flatMap((line, at) => {
    if (line.startsWith('```')) isCode = !isCode;
    return isCode ||
      line.startsWith('```') ||
      line.trim() === '' ||
      /^\|[ -|]*\|$/.test(line) ||
      /^#{2,} |^\| (?:Time|Measure|Duration|Action|What was) /.test(line)
      ? []
      : [at];
  });
}

function swapRows(lines: readonly string[], kind: 'rows' | 'events', random: Random): Mutation | undefined {
  const rows = lines.flatMap((line, at) => (/^\| \d\d:\d\d(?:–\d\d:\d\d)? \| /.test(line) ? [at] : []));
  const first = rows[Math.floor(random() * rows.length)] ?? 0;
  const second = kind === 'rows' ? first + 1 : (rows[Math.floor(random() * rows.length)] ?? 0);
  const [a, b] = [lines[first] ?? '', lines[second] ?? ''];
  if (first === second || !rows.includes(second) || a.slice(0, 8) === b.slice(0, 8) || a.slice(10) === b.slice(10)) return undefined;
  const swapped = kind === 'rows' ? [b, a] : [`${a.slice(0, 7)}${b.slice(7)}`, `${b.slice(0, 7)}${a.slice(7)}`];
  return {
    kind,
    text: lines
      .with(first, swapped[0] ?? '')
      .with(second, swapped[1] ?? '')
      .join('\n'),
    lines: [first + 1, second + 1],
    before: `${a} / ${b}`,
    after: swapped.join(' / '),
  };
}

function pick<T>(all: readonly T[], random: Random): T {
  return all[Math.floor(random() * all.length)] as T;
}
