import { DatabaseSync, StatementSync } from 'node:sqlite';
import pg from 'pg';

/** Loaded before the product in its own process: kills it, as `kill -9` does, behind so many runs of a statement of either store. */
const { like = '', after = 0 }: { like?: string; after?: number } = JSON.parse(process.env['HINDCAST_KILL'] ?? '{}');
let left = after;

function ran(sql: unknown): void {
  if (like === '' || !String(sql).includes(like)) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}

const sqlOf = new WeakMap<StatementSync, string>();
const prepare = DatabaseSync.prototype.prepare;
DatabaseSync.prototype.prepare = function (sql) {
  const statement = prepare.call(this, sql);
  sqlOf.set(statement, sql);
  return statement;
};
const run = StatementSync.prototype.run;
StatementSync.prototype.run = function (...parameters) {
  const result = Reflect.apply(run, this, parameters);
  ran(sqlOf.get(this));
  return result;
};

const query: (...words: readonly unknown[]) => unknown = pg.Client.prototype.query;
Object.assign(pg.Client.prototype, {
  query(this: pg.Client, ...words: readonly unknown[]) {
    const result = Reflect.apply(query, this, words);
    if (result instanceof Promise) void result.then(() => ran(words[0])).catch(() => undefined);
    return result;
  },
});
