import { canonical } from '../core/digest.ts';
import type { Json } from '../core/evidence.ts';

type Members = { readonly [key: string]: Json };

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const membersOf = (scope: Json): Members => (scope !== null && typeof scope === 'object' && !isList(scope) ? scope : {});

/**
 * What several services own at one source, as few scopes as can say it: lists are joined, sorted and without repeats. Scopes
 * stay apart where another member differs (`deploys: releases` here, `deployments` there), and where one has a list that
 * another has not: joined, `environments: [production]` of one would narrow the other, which means all of them. The order of
 * what comes in does not matter.
 */
export function mergeScopes(scopes: readonly Json[]): readonly Json[] {
  const groups = Map.groupBy(scopes.map(membersOf), (scope) => canonical([pick(scope, (value) => !isList(value)), listNames(scope)]));
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => joinLists(group));
}

function listNames(scope: Members): readonly string[] {
  return Object.keys(pick(scope, (value) => isList(value) && value.length > 0)).toSorted();
}

/** The same scope with nothing in its lists: for a question that names what it wants by keys. */
export function emptyScope(scope: Json): Json {
  return Object.fromEntries(Object.entries(membersOf(scope)).map(([name, value]) => [name, isList(value) ? [] : value]));
}

function joinLists(group: readonly Members[]): Json {
  const names = [...new Set(group.flatMap((scope) => Object.keys(scope)))].toSorted();
  return Object.fromEntries(
    names.map((name) => {
      const values = group.flatMap((scope) => (scope[name] === undefined ? [] : [scope[name]]));
      const [first = null] = values;
      if (!isList(first)) return [name, first];
      const items = new Map(values.flatMap((value) => (isList(value) ? value : [])).map((item) => [canonical(item), item]));
      return [name, [...items].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item)];
    }),
  );
}

function pick(scope: Members, wanted: (value: Json) => boolean): Members {
  return Object.fromEntries(Object.entries(scope).filter(([, value]) => wanted(value)));
}
