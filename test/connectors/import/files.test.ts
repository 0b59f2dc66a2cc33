import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeBody, readFile } from '../../../connectors/import/file.ts';
import { imports } from '../../../connectors/import/index.ts';
import { type Mapping, PLAIN } from '../../../connectors/import/mapping.ts';
import { type Json, seal } from '../../../src/core/evidence.ts';
import { type Stamped, stamp } from '../../../src/core/timeline/normalize.ts';
import { instant } from '../../support/events.ts';
import { readWhole, type WholeFile } from '../../support/whole-file.ts';

const common = { keys: [] };

function read(name: string, text: string, mapping: Mapping = PLAIN, more: Partial<Parameters<typeof readFile>[0]['common']> = {}) {
  return readWhole({ name, text, mapping, common: { ...common, ...more } });
}

function stampAll({ records }: WholeFile): readonly Stamped[] {
  return records.map(({ stream, nativeId, body }) => {
    const record = seal({ source: 'desk', stream, nativeId, body, observedTime: instant('16:00') });
    const normalize = imports.streams.find(({ spec }) => spec.id === stream)?.normalize ?? (() => ({ events: [], issues: [] }));
    return stamp(record, normalize(record), imports.normalizer);
  });
}
const eventsOf = (reading: WholeFile) => stampAll(reading).flatMap(({ events }) => events);
const lines = (...records: readonly Json[]) => records.map((record) => JSON.stringify(record)).join('\n');
const at = '2024-01-15T14:22:00Z';

describe('three fields make an event', () => {
  it.each([
    ['published', 'message.posted'],
    ['asserted', 'event.asserted'],
    ['occurred', 'note.added'],
    ['recorded', 'note.added'],
  ])('whose time is %s: %s', (meaning, type) => {
    const [event] = eventsOf(read('a.jsonl', lines({ time: at, meaning, message: 'Queue at the desk' })));
    expect(event).toMatchObject({
      type,
      timeMeaning: meaning,
      time: { at: '2024-01-15T14:22:00.000Z', plusMs: 1_000 },
      attributes: { text: 'Queue at the desk' },
    });
    expect(event?.provenance).toMatchObject({ source: 'desk', stream: 'events', pointer: '/row/time', originalTime: at });
  });

  it.each<[string, Json, string]>([
    ['no time', { meaning: 'occurred', message: 'x' }, 'no time: nothing stands at `time`'],
    ['no meaning', { time: at, message: 'x' }, 'no meaning: known are occurred, started'],
    ['no message', { time: at, meaning: 'occurred' }, 'no message'],
    ['no offset', { time: '2024-01-15T14:22:00', meaning: 'occurred', message: 'x' }, 'no offset'],
    ['an unknown type', { time: at, meaning: 'occurred', message: 'x', type: 'incident.resolved' }, 'no type: known are message.posted'],
    [
      'a status of no state',
      { time: at, meaning: 'published', message: 'x', type: 'status.published' },
      'no state: known are investigating',
    ],
    ['a list', [1], 'an object with named members'],
  ])('with %s it is refused with its line', (_what, record, problem) => {
    const reading = read('a.jsonl', lines({ time: at, meaning: 'occurred', message: 'good' }, record));
    expect(reading.read).toBe(1);
    expect(reading.refused).toEqual([{ line: 2, problem: expect.stringContaining(problem) }]);
    expect(stampAll(reading).flatMap(({ issues }) => issues)).toEqual([
      { pointer: '/refused/0', problem: expect.stringContaining('line 2 of a.jsonl') },
    ]);
  });

  it('belongs to the service that it names, or to what another source calls its own, and is tied by its keys', () => {
    const record = {
      time: at,
      meaning: 'occurred',
      message: 'x',
      service: 'api',
      belongs_to: 'aws-prod/alarm:api-5xx',
      sha: 'ABC123',
      alarm: 'arn:x',
    };
    expect(eventsOf(read('a.jsonl', lines(record), PLAIN, { keys: ['pagerduty/incident:PABC'] }))[0]).toMatchObject({
      belongsTo: ['aws-prod/alarm:api-5xx', 'desk/service:api'],
      correlationKeys: ['sha:abc123', 'alarm:arn:x', 'pagerduty/incident:PABC'],
    });
    expect(eventsOf(read('a.jsonl', lines(record), PLAIN, { service: 'checkout' }))[0]?.belongsTo).toContain('desk/service:checkout');
  });

  it('keeps a handle as an id and a name as a name, and a link only where it is one', () => {
    const record = { time: at, meaning: 'occurred', message: 'x' };
    const told = eventsOf(
      read('a.jsonl', lines({ ...record, actor: 'api', url: 'javascript:alert(1)' }, { ...record, actor: 'Ann Lee', url: 'https://x/1' })),
    );
    expect(told[0]).toMatchObject({ actor: { kind: 'person', id: 'desk:user:api' } });
    expect(told[0]?.actor).not.toHaveProperty('name');
    expect(told[0]).not.toHaveProperty('url');
    expect(told[1]).toMatchObject({ actor: { name: 'Ann Lee' }, url: 'https://x/1' });
  });
});

describe('a rollout', () => {
  const rollout = {
    time: at,
    meaning: 'started',
    message: 'v2',
    type: 'deployment',
    service: 'api',
    version: 'v2.3.4',
    environment: 'production',
  };
  const mapping: Mapping = { fields: { ...PLAIN.fields, ends: 'ends', lasts_ms: 'lasts_ms' } };
  const told = (more: Record<string, Json>) =>
    eventsOf(read('a.jsonl', lines({ ...rollout, ...more }), mapping)).map(({ type, time }) => `${type} ${time.at.slice(11, 19)}`);

  it.each<[string, Record<string, Json>, readonly string[]]>([
    ['with its end', { ends: '2024-01-15T14:25:00Z' }, ['deployment.started 14:22:00', 'deployment.succeeded 14:25:00']],
    ['with its length', { lasts_ms: 60_000 }, ['deployment.started 14:22:00', 'deployment.succeeded 14:23:00']],
    ['that failed', { lasts_ms: 60_000, outcome: 'failed' }, ['deployment.started 14:22:00', 'deployment.failed 14:23:00']],
    ['that runs', { outcome: 'running' }, ['deployment.started 14:22:00']],
    ['of which only the start is told', {}, ['deployment.started 14:22:00']],
    ['of which only the end is told', { meaning: 'ended' }, ['deployment.succeeded 14:22:00']],
  ])('%s', (_what, more, wanted) => {
    expect(told(more)).toEqual(wanted);
  });

  it('has one key for its start and its end, so that they are one change', () => {
    const both = eventsOf(read('a.jsonl', lines({ ...rollout, id: '42', ends: '2024-01-15T14:25:00Z' }), mapping));
    expect(new Set(both.map(({ correlationKeys }) => correlationKeys.join()))).toEqual(new Set(['deployment:api#42']));
  });
});

describe('a file', () => {
  it('skips a byte order mark and blank lines, and counts lines as an editor does', () => {
    const text = `\uFEFF${lines({ time: at, meaning: 'occurred', message: 'a' })}\r\n\r\nnot json\n`;
    expect(read('a.jsonl', text)).toMatchObject({ read: 1, refused: [{ line: 3, problem: 'it is not JSON' }] });
    expect(read('a.csv', '\uFEFFtime,meaning,message\r\n2024-01-15T14:22Z,occurred,a\r\n')).toMatchObject({ read: 1, refused: [] });
  });

  it('takes each cell of CSV as text, whatever it looks like', () => {
    const [event] = eventsOf(read('a.csv', `time,meaning,message\n${at},occurred,"=HYPERLINK(""http://x"")"\n`));
    expect(event?.attributes).toEqual({ text: '=HYPERLINK("http://x")' });
  });

  it('tells lines with too few or too many fields, and no others', () => {
    const reading = read('a.csv', `time,meaning,message\n${at},occurred\n${at},occurred,a\n${at},occurred,a,b\n`);
    expect(reading).toMatchObject({ read: 1, refused: [{ line: 2, problem: '2 fields where the first line names 3' }, { line: 4 }] });
  });

  it.each([
    ['a.txt', '', 'of no known kind'],
    ['a.csv', '', 'names no columns'],
    ['a.csv', 'time;meaning;message\n', 'the columns of a.csv are not parted by commas'],
    ['a.csv', 'time,time,message\n', 'names the column "time" twice'],
    ['a.csv', 'time,,message\n', 'leaves column 2 without a name'],
    ['a.json', '{"x": 1}', 'holds no list of records'],
    ['a.json', '{', 'is not JSON'],
    ['a.json', '['.repeat(100_000), 'nested deeper than 64 levels'],
  ])('%s that holds %j cannot be read at all', (name, text, problem) => {
    expect(readFile({ name, text, mapping: PLAIN, common })).toEqual({ problem: expect.stringContaining(problem) });
  });

  it('refuses a line that is nested too deep or too long, and reads on', () => {
    const text = `${'['.repeat(70)}\n{"time":"${'x'.repeat(1_000_001)}"}\n${lines({ time: at, meaning: 'occurred', message: 'a' })}`;
    expect(read('a.jsonl', text)).toMatchObject({ read: 1, refused: [{ line: 1 }, { line: 2 }] });
  });

  it('reads to the same records again, and keeps equal lines apart', () => {
    const record = { time: at, meaning: 'occurred', message: 'a' };
    const once = read('a.jsonl', lines(record, record, { ...record, message: 'b' }));
    expect(read('a.jsonl', lines(record, record, { ...record, message: 'b' }))).toEqual(once);
    expect(new Set(once.records.map(({ nativeId }) => nativeId)).size).toBe(once.records.length);
    expect(eventsOf(once)).toHaveLength(3);
  });

  it('knows a record without an id whatever the import adds to it', () => {
    const text = lines({ time: at, meaning: 'occurred', message: 'a' });
    const named = [{}, { service: 'api' }, { keys: ['pagerduty/incident:PABC'] }].map(
      (more) => read('a.jsonl', text, PLAIN, more).records[0]?.nativeId,
    );
    expect(new Set(named).size).toBe(1);
    const other = lines({ time: at, meaning: 'occurred', message: 'a', service: 'api' });
    expect(read('a.jsonl', other).records[0]?.nativeId).not.toBe(named[0]);
  });

  it('tells from when to when it tells', () => {
    const text = lines(
      { time: at, meaning: 'occurred', message: 'a' },
      { time: '2024-01-15T14:20Z', metric: 'm', value: 1, period_seconds: 60 },
    );
    expect(read('a.jsonl', text).window).toEqual({ from: '2024-01-15T14:20:00.000Z', to: '2024-01-15T14:22:01.000Z' });
  });

  it('of any shape is read or refused line by line: none is lost, and whatever is kept can be read again', () => {
    const word = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom('occurred', 'published', 'deployment', 'status.published', at, '1705329120'),
      fc.jsonValue(),
    );
    const field = fc.constantFrom(...Object.keys(PLAIN.fields), 'ends', 'x.y');
    const record = fc.dictionary(field, word, { maxKeys: 9 });
    const good = { time: at, meaning: 'occurred', message: 'good' };
    const line = fc
      .oneof(
        record,
        record.map((one) => ({ ...good, ...one })),
        fc.jsonValue(),
      )
      .map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            line,
            fc.string({ minLength: 1 }).filter((text) => !/[\r\n]/.test(text) && text.trim() !== ''),
          ),
          { maxLength: 20 },
        ),
        (all) => {
          const reading = read('a.jsonl', all.join('\n'));
          expect(reading.read + reading.refused.length).toBe(all.length);
          const stamped = stampAll(reading).filter(({ record: { stream } }) => stream !== 'files');
          expect(stamped.flatMap(({ issues }) => issues)).toEqual([]);
          expect(stamped.every(({ events, series }) => events.length + series.length > 0)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('knows a record by its id: what comes again under it is a newer version', () => {
    const record = { time: at, meaning: 'occurred', message: 'a', id: '7' };
    const ids = [record, { ...record, message: 'b' }].map((one) => read('a.jsonl', lines(one)).records[0]?.nativeId);
    expect(ids).toEqual(['7', '7']);
  });
});

describe('numbers', () => {
  const point = (minute: number, value: Json, more: Record<string, Json> = {}) => ({
    time: `2024-01-15T14:${String(minute).padStart(2, '0')}:00Z`,
    metric: 'checkout errors',
    value,
    period_seconds: 60,
    ...more,
  });
  const seriesOf = (body: Json) => {
    const record = seal({ source: 'desk', stream: 'series', nativeId: 'x', body, observedTime: instant('16:00') });
    return imports.streams.find(({ spec }) => spec.id === 'series')?.normalize(record).series?.[0];
  };

  it('become a series of their metric and period, in the order of time', () => {
    const reading = read('a.jsonl', lines(point(3, 900), point(1, '1.5'), point(2, 0)));
    expect(reading.read).toBe(3);
    const series = stampAll(reading).flatMap((one) => one.series);
    expect(series).toHaveLength(1);
    expect(series[0]).toMatchObject({ key: 'desk/metric:checkout/errors#value', metric: 'errors', periodMs: 60_000 });
    expect([...(series[0]?.values ?? [])]).toEqual([1.5, 0, 900]);
  });

  it.each<[string, Json]>([
    ['a value that is no number', point(1, 'many')],
    ['a value of letters that Number would read', point(1, '0x10')],
    ['no period', point(1, 1, { period_seconds: '' })],
    ['a period of no whole seconds', point(1, 1, { period_seconds: 0.5 })],
  ])('with %s are refused', (_what, record) => {
    expect(read('a.jsonl', lines(point(0, 1), record)).refused).toHaveLength(1);
  });

  it('of a second file join those of the first: nothing is lost, and the later value counts', () => {
    const bodyOf = (...records: readonly Json[]) =>
      read('a.jsonl', lines(...records)).records.find(({ stream }) => stream === 'series')?.body ?? null;
    const first = bodyOf(point(1, 1), point(2, 2));
    const second = bodyOf(point(2, 20), point(3, 3));
    const both = mergeBody('series', first, second);
    expect([...(seriesOf(both)?.values ?? [])]).toEqual([1, 20, 3]);
    expect(mergeBody('series', both, second)).toEqual(both);
    expect(mergeBody('events', first, second)).toEqual(second);
  });
});
