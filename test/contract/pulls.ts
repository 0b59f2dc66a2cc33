import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AnyConnector,
  addMs,
  atMost,
  epochMs,
  type Instant,
  instantAt,
  type Json,
  parseInstant,
  type RawRecord,
  SourceError,
} from '../../src/contract/index.ts';
import { canonical } from '../../src/core/digest.ts';
import { ask, type Fixture, labelOf, memberAt, namesOf, type Question, streamOf } from './fixture.ts';

const MARGIN_MS = 3_600_000;

/** C3 to C6, C9 and C10: what a pull yields, where it stops, and what it says then. */
export function testPulls(connector: AnyConnector, fixture: Fixture): void {
  describe.each(fixture.questions.map((question) => [labelOf(question), question] as const))('pull %s', (_, question) => {
    const pull = (given: Parameters<typeof ask>[3] = {}) => ask(connector, fixture, question, given);

    it('C3 yields the same records for the same question, and some', async () => {
      const [once, twice] = [await pull(), await pull()];
      expect([once.error, once.records.length > 0]).toEqual([undefined, true]);
      expect(namesOf(question, twice.records)).toEqual(namesOf(question, once.records));
      expect(twice.gaps).toEqual(once.gaps);
    });

    it('C3 yields on small pages what stands on a large one', async () => {
      if (!fixture.network || question.pagesAreRecords) return;
      const { unpaged } = fixture.network;
      const [small, large] = [await pull(), await pull({ vendor: () => unpaged() })];
      expect([large.error, large.requests.length <= small.requests.length]).toEqual([undefined, true]);
      expect(namesOf(question, small.records)).toEqual(namesOf(question, large.records));
    });

    it('C3 yields every record whose window field lies in the window', async () => {
      const whole = (await pull()).records;
      const { from, to } = question.window;
      const instants = fc.integer({ min: epochMs(from) - MARGIN_MS, max: epochMs(to) + MARGIN_MS }).map(instantAt);
      const ends = fc.oneof(instants, fc.constantFrom(from, to, ...timesOf(connector, fixture, question, whole)));
      await fc.assert(
        fc.asyncProperty(ends, ends, async (a, b) => {
          const [first, last] = a < b ? [a, b] : [b, a];
          const window = { from: first, to: addMs(last, 1) };
          const found = await pull({ request: { window } });
          const missing = whole.filter((record) => {
            const at = timeOf(connector, fixture, question, record);
            return (
              at !== undefined && at >= window.from && at < window.to && !found.records.some(({ nativeId }) => nativeId === record.nativeId)
            );
          });
          expect(missing.map(({ nativeId }) => nativeId)).toEqual([]);
        }),
        { numRuns: 15 },
      );
    });

    it('C3 yields in parts what the whole does, by no more calls', async () => {
      const parts = streamOf(connector, question.stream).parts?.(question) ?? [];
      const [whole, ...told] = [await pull(), ...(await Promise.all(parts.map((part) => pull({ request: part }))))];
      if (parts.length === 0) return;
      expect(
        namesOf(
          question,
          told.flatMap(({ records }) => records),
        ),
      ).toEqual(namesOf(question, whole.records));
      expect(told.reduce((calls, { requests }) => calls + requests.length, 0)).toBeLessThanOrEqual(whole.requests.length);
    });

    it('C4 is cut behind any checkpoint and resumed there, and nothing is lost', async () => {
      const whole = await pull();
      for (const [index, { cursor }] of whole.checkpoints.entries()) {
        const before = await pull({ untilCheckpoint: index + 1 });
        const after = await pull({ request: { resumeAfter: cursor } });
        expect(namesOf(question, [...before.records, ...after.records])).toEqual(namesOf(question, whole.records));
        // A record that is read again has the place that it had: else the same evidence would draft other bytes.
        const places = new Map(whole.records.map(({ nativeId, sequence }) => [nativeId, sequence]));
        for (const { nativeId, sequence } of after.records) expect([nativeId, sequence]).toEqual([nativeId, places.get(nativeId)]);
      }
    });

    it('C4 fails at any request, goes on behind the last checkpoint before it, and loses nothing', async () => {
      const whole = await pull();
      for (let after = 0; after < Math.min(6, whole.requests.length); after += 1) {
        const before = await pull({ faults: [{ path: /./, mode: 503, after, times: 1 }] });
        const cursor = before.checkpoints.at(-1)?.cursor;
        const rest = await pull({ request: cursor === undefined ? {} : { resumeAfter: cursor } });
        const kept = before.error === undefined ? before.records : [...before.records, ...rest.records];
        expect([after, objectsOf(question, kept)]).toEqual([after, objectsOf(question, whole.records)]);
      }
    });

    it('C5 C6 keeps to any number of requests, and tells by a gap what it did not read for want of more', async () => {
      const whole = await pull();
      for (let maxRequests = 0; maxRequests < whole.requests.length; maxRequests += 1) {
        const { requests, records, reasons, error } = await pull({ request: { calls: atMost(maxRequests) } });
        expect([error, requests.length <= maxRequests]).toEqual([undefined, true]);
        if (namesOf(question, records).length < namesOf(question, whole.records).length)
          expect([maxRequests, ...reasons]).toContain('budget');
      }
      const enough = await pull({ request: { calls: atMost(whole.requests.length) } });
      expect(namesOf(question, enough.records)).toEqual(namesOf(question, whole.records));
    });

    it('C6 stops within one request of its signal', async () => {
      const whole = await pull();
      for (let stopAt = 1; stopAt <= Math.min(4, whole.requests.length); stopAt += 1) {
        const controller = new AbortController();
        const onRequest = (count: number) => (count === stopAt ? controller.abort(new Error('interrupted')) : undefined);
        const { requests, error } = await pull({ request: { signal: controller.signal }, onRequest });
        expect(error).toBeInstanceOf(SourceError);
        expect(requests.length).toBeLessThanOrEqual(stopAt + 1);
      }
      const { requests, error } = await pull({ request: { signal: AbortSignal.abort(new Error('interrupted')) } });
      expect([requests, error === undefined || error instanceof SourceError]).toEqual([[], true]);
    });

    it('C9 asks for UTC where it can', async () => {
      const answers = (await pull()).requests.map((request) => fixture.network?.asksUtc?.(request));
      expect(answers).not.toContain(false);
    });

    it('C10 hands over the objects as sent', async () => {
      const { asWire = (body: Json) => body, asSent = (part: Json) => part } = fixture.network ?? {};
      const { records, answers } = await pull();
      if (!fixture.network || (streamOf(connector, question.stream).spec.windowField === 'keys' && records.some(isChunk))) return;
      const sent = new Set(answers.flatMap(partsOf).map((part) => canonical(asSent(part))));
      expect(records.filter(({ body }) => !sent.has(canonical(asWire(body)))).map(({ nativeId }) => nativeId)).toEqual([]);
    });
  });
}

/** The stream's own objects by name: the other way to ask for them may tell them in another shape, and nest other records. */
function objectsOf({ stream }: Question, records: readonly RawRecord[]): readonly string[] {
  const own = records.filter((record) => (record.stream ?? stream) === stream);
  return [...new Set(own.map(({ nativeId }) => nativeId))].toSorted();
}

/** Series are stored in aligned chunks (house.md, section 2): no object of the vendor's. */
function isChunk({ body }: RawRecord): boolean {
  return typeof body === 'object' && body !== null && 'periodSeconds' in body;
}

function timesOf(connector: AnyConnector, fixture: Fixture, question: Question, records: readonly RawRecord[]): readonly Instant[] {
  return records.flatMap((record) => timeOf(connector, fixture, question, record) ?? []);
}

/** When a record is, by the field that its stream filters by; nothing where it filters by none. */
function timeOf(
  connector: AnyConnector,
  fixture: Fixture,
  question: Question,
  { body, stream = question.stream }: RawRecord,
): Instant | undefined {
  if (stream !== question.stream) return undefined;
  const { windowField } = streamOf(connector, stream).spec;
  const fields = fixture.windowFields?.[stream] ?? (['none', 'keys'].includes(windowField) ? [] : [windowField]);
  const text = fields.map((field) => memberAt(body, `/${field}`)).find((found) => found !== undefined);
  return typeof text === 'string' ? parseInstant(text) : undefined;
}

/** Every object and list inside a body, and the body. */
function partsOf(body: unknown): readonly Json[] {
  if (typeof body !== 'object' || body === null) return [];
  return [JSON.parse(JSON.stringify(body)), ...Object.values(body).flatMap(partsOf)];
}
