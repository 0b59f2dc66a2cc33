import { epochMs, instantAt, type Json, type Moment } from '../../src/contract/index.ts';
import { type Field, type FieldName, type Found, findAt, type Mapping } from './mapping.ts';
import { readTime } from './time.ts';

/** A time of a record, with where it stands there. */
export interface ToldTime {
  readonly moment: Moment;
  readonly pointer: string;
  readonly text: string;
}

/** A record with what a mapping finds in it. */
export interface Row {
  readonly time: ToldTime;
  /** The end of what lasted. */
  readonly ends?: ToldTime;
  readonly text: (name: FieldName) => string | undefined;
  readonly keys: readonly string[];
}

export type RowReading = { readonly row: Row } | { readonly problem: string; readonly pointer: string };

/** Reads a record by a mapping. Its time is read here, since nothing can be said of a record without one. */
export function readRow(body: Json, { fields }: Mapping): RowReading {
  const time = readTimeField(body, fields.time, 'time');
  if ('problem' in time) return time;
  const text = (name: FieldName) => textOf(body, name, fields[name]);
  const ends = (fields.ends && endOf(body, fields.ends)) ?? lasting(time, text('lasts_ms'));
  if (ends && 'problem' in ends) return ends;
  const sha = text('sha');
  const alarm = text('alarm');
  const keys = (fields.keys ?? []).map((field) => textOf(body, 'keys', field));
  return {
    row: {
      time,
      ...(ends && { ends }),
      text,
      keys: [sha && `sha:${sha.toLowerCase()}`, alarm && `alarm:${alarm}`, ...keys].filter(
        (key): key is string => key !== undefined && key !== '',
      ),
    },
  };
}

type Reading = ToldTime | { readonly problem: string; readonly pointer: string };

function readTimeField(body: Json, field: Mapping['fields']['time'], name: string): Reading {
  const path = typeof field === 'string' ? field : field.path;
  const found = findAt(body, path);
  if (!found) return { problem: `no ${name}: nothing stands at \`${path}\``, pointer: '' };
  const moment = readTime(found.value, field);
  if ('problem' in moment) return { problem: moment.problem, pointer: found.pointer };
  return { moment, pointer: found.pointer, text: textFrom(found) ?? '' };
}

/** What has not ended has no end: a build that runs, a rollout in progress. */
function endOf(body: Json, field: Mapping['fields']['time']): Reading | undefined {
  const found = findAt(body, typeof field === 'string' ? field : field.path);
  return found && readTimeField(body, field, 'end');
}

/** An end that is told as a length: cited at the start, which is the time that stands there. */
function lasting(time: ToldTime, lasts: string | undefined): ToldTime | undefined {
  const ms = Number(lasts);
  if (lasts === undefined || !(ms > 0) || ms > 31_536_000_000) return undefined;
  return { ...time, moment: { ...time.moment, at: instantAt(epochMs(time.moment.at) + Math.round(ms)) } };
}

function textOf(body: Json, name: FieldName, field: Field | Mapping['fields']['time'] | readonly Field[] | undefined): string | undefined {
  if (field === undefined || name === 'time' || name === 'ends') return undefined;
  if (typeof field === 'string') return textFrom(findAt(body, field));
  if (!('path' in field)) return 'value' in field ? String(field.value) : undefined;
  const text = textFrom(findAt(body, field.path));
  if (text === undefined) return undefined;
  const values = 'values' in field ? field.values : undefined;
  const renamed = values && Object.hasOwn(values, text) ? values[text] : text;
  return `${('prefix' in field ? field.prefix : undefined) ?? ''}${renamed}`;
}

function textFrom(found: Found | undefined): string | undefined {
  if (!found || typeof found.value === 'object') return undefined;
  return String(found.value);
}
