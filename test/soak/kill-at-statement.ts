import { DatabaseSync, StatementSync } from 'node:sqlite';

/** Loaded before the product in its own process: kills it, as `kill -9` does, behind so many runs of a statement of the store. */
const { like, after }: { like: string; after: number } = JSON.parse(process.env['HINDCAST_SOAK_KILL'] ?? '{}');
const sqlOf = new WeakMap<StatementSync, string>();
let left = after;

const prepare = DatabaseSync.prototype.prepare;
DatabaseSync.prototype.prepare = function (sql) {
  const statement = prepare.call(this, sql);
  sqlOf.set(statement, sql);
  return statement;
};
for (const name of ['run', 'all'] as const) {
  const act = StatementSync.prototype[name];
  Object.assign(StatementSync.prototype, {
    [name](this: StatementSync, ...parameters: unknown[]) {
      const result: unknown = Reflect.apply(act, this, parameters);
      if (sqlOf.get(this)?.includes(like)) {
        left -= 1;
        if (left === 0) process.kill(process.pid, 'SIGKILL');
      }
      return result;
    },
  });
}
