import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Instant, Moment } from '../../../src/core/time.ts';
import { instant } from '../../support/events.ts';

/** A time as a document tells it, on the document's own clock: `2014-07-16 21:36`, seconds where it has them. */
interface Told {
  readonly at: string;
  /** True within so many minutes either way; without it, to the minute or second that is written. */
  readonly about?: number;
  /** The line of the document that says it, from 1. */
  readonly line: number;
}

/** A deployment-like happening; `kind` is what a connector would report of it. */
export interface LabelledChange extends Told {
  readonly name: string;
  readonly until?: string;
  readonly kind: 'deployment' | 'release' | 'merge' | 'config';
  /** Whose it is; by default the label's service. */
  readonly service?: string;
  /** The repository that it was rolled out from; by default that of its service. */
  readonly repo?: string;
  readonly environment?: string;
  readonly outcome?: 'failed';
  readonly reverses?: string;
}

/** One incident of a real post-mortem, as a person read it: strict.yaml explains the fields. */
export interface Label {
  readonly document: string;
  readonly offset: string;
  readonly service: string;
  readonly depends_on?: readonly string[];
  readonly impact?: Told & { readonly basis: 'metric' | 'told' };
  readonly alarm: Told & { readonly by: 'monitor' | 'person' };
  readonly changes: readonly LabelledChange[];
  readonly guilty: readonly string[];
  readonly trigger?: readonly string[];
  readonly recovered: Told;
  readonly why: string;
}

/** `strict` has two timed changes and a reversal in its document, `near` one and a reversal or a switch-off. */
export type Group = 'strict' | 'near';

export function readLabels(group: Group): readonly Label[] {
  return parse(readFileSync(new URL(`./${group}.yaml`, import.meta.url), 'utf8'));
}

export function instantOf(at: string, offset: string): Instant {
  return instant(`${at.replace(' ', 'T')}${at.length === 16 ? ':00' : ''}${offset}`);
}

/** With the bounds that its writing allows: a minute or a second that was cut, or so many minutes either way. */
export function momentOf({ at, about }: Pick<Told, 'at' | 'about'>, offset: string): Moment {
  const time = instantOf(at, offset);
  if (about === undefined) return { at: time, minusMs: 0, plusMs: at.length === 16 ? 60_000 : 1000 };
  return { at: time, minusMs: about * 60_000, plusMs: about * 60_000 };
}
