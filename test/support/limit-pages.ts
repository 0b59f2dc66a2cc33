import { existsSync, readFileSync } from 'node:fs';
import { DatabaseSync, StatementSync } from 'node:sqlite';

/** Loaded before the product in its own process: while the named file is there, the store may grow by as many pages as it says. */
const LIMIT = process.env['HINDCAST_PAGES'] ?? '';
const UNLIMITED = 4_294_967_294;

const begins = new WeakMap<StatementSync, DatabaseSync>();
const prepare = DatabaseSync.prototype.prepare;
DatabaseSync.prototype.prepare = function (sql) {
  const statement = prepare.call(this, sql);
  if (sql === 'begin immediate') begins.set(statement, this);
  return statement;
};

let limited: string | undefined;
const run = StatementSync.prototype.run;
StatementSync.prototype.run = function (...parameters) {
  const database = begins.get(this);
  const pages = existsSync(LIMIT) ? readFileSync(LIMIT, 'utf8') : undefined;
  if (database && pages !== limited) {
    limited = pages;
    const now = Number(prepare.call(database, 'pragma page_count').get()?.['page_count']);
    database.exec(`pragma max_page_count = ${pages === undefined ? UNLIMITED : now + Number(pages)}`);
  }
  return Reflect.apply(run, this, parameters);
};
