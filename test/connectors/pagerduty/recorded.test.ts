import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { incidents } from '../../../connectors/pagerduty/streams/incidents.ts';
import { logEntries } from '../../../connectors/pagerduty/streams/log-entries.ts';
import type { Json } from '../../../src/contract/index.ts';
import { orderEvents } from '../../../src/core/timeline/order.ts';
import { sharedFile } from '../../support/shared.ts';
import { say } from './support.ts';

interface Recorded {
  readonly id: string;
  readonly status: string;
  readonly log_entries: readonly { readonly [name: string]: Json }[];
  readonly [name: string]: Json;
}

const file = sharedFile('data/pagerduty/devlake/incidents.json');
const old = sharedFile('data/pagerduty/vendor-example-2013/log_entries.json');
const recorded: readonly Recorded[] = file ? JSON.parse(readFileSync(file, 'utf8')) : [];

/** As a pull would hand it over: newest first, so the place in the source's order counts down. */
function said(entries: readonly { readonly [name: string]: Json }[]) {
  return entries.map((body, index) => say(logEntries, { nativeId: String(body['id']), body, sequence: 0 - index }));
}

describe('the log entries of a real account', () => {
  it.skipIf(!file)('give exactly 44 events and no issue (needs the shared reference folder)', () => {
    const all = recorded.flatMap(({ log_entries }) => said(log_entries));
    expect(all.flatMap(({ issues }) => issues)).toEqual([]);
    const events = all.flatMap(({ events }) => events);
    const counts = Map.groupBy(events, ({ type }) => type);
    expect(Object.fromEntries([...counts].map(([type, { length }]) => [type, length]))).toEqual({
      'incident.triggered': 3,
      'incident.reassigned': 9,
      'responder.notified': 15,
      'incident.escalated': 8,
      'incident.acknowledged': 5,
      'incident.delegated': 2,
      'note.added': 1,
      'incident.resolved': 1,
    });
    expect(events).toHaveLength(44);
    expect(new Set(events.map(({ id }) => id)).size).toBe(44);
  });

  it.skipIf(!file)("keep the source's order within a second (needs the shared reference folder)", () => {
    for (const { log_entries } of recorded) {
      const events = said(log_entries).flatMap(({ events }) => events);
      const shuffled = events.toSorted((a, b) => (a.id < b.id ? -1 : 1));
      const oldestFirst = log_entries.toReversed().map(({ id }) => id);
      expect(orderEvents(shuffled).map(({ provenance }) => ('nativeId' in provenance ? provenance.nativeId : ''))).toEqual(oldestFirst);
    }
  });

  it.skipIf(!file)('know who escalated by hand and what the clock did (needs the shared reference folder)', () => {
    const escalations = recorded
      .flatMap(({ log_entries }) => said(log_entries))
      .flatMap(({ events }) => events.filter(({ type }) => type === 'incident.escalated'));
    expect(escalations.filter(({ actor }) => actor?.kind === 'person')).toHaveLength(6);
    expect(escalations.filter(({ actor }) => actor?.kind === 'automation')).toHaveLength(2);
    for (const { url } of escalations) expect(url).toMatch(/^https:\/\/keon-test\.pagerduty\.com\/incidents\//);
  });

  it.skipIf(!file)(
    'belong to incidents whose records can be read, the closed one by its last change (needs the shared reference folder)',
    () => {
      const facts = recorded
        .map((body) => say(incidents, { nativeId: body.id, body }))
        .flatMap(({ facts }) => facts.filter(({ kind }) => kind === 'incident'));
      expect(facts).toMatchObject([
        { number: 4, status: 'open', belongsTo: ['pagerduty/service:PIKL83L'], serviceName: 'DevService' },
        { number: 5, status: 'open' },
        // It has no resolved_at: older accounts do not say.
        { number: 6, status: 'resolved', resolvedAt: '2022-11-03T06:51:44.000Z' },
      ]);
    },
  );

  it.skipIf(!old)("of the vendor's own example of 2013 can be read too (needs the shared reference folder)", () => {
    const { log_entries }: { readonly log_entries: readonly { readonly [name: string]: Json }[] } = JSON.parse(
      readFileSync(old ?? '', 'utf8'),
    );
    const all = said(log_entries);
    expect(all.flatMap(({ issues }) => issues)).toEqual([]);
    const notes = all.flatMap(({ events }) => events.filter(({ type }) => type === 'note.added'));
    expect(notes.map(({ attributes }) => attributes)).toContainEqual({ text: 'Fixed' });
  });
});
