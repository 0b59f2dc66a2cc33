import type { Leases } from '../app/ports.ts';
import { takeTurn } from './dialect.ts';
import type { Database } from './tables.ts';

/** One row for each source account. A change is one write transaction, so that of several processes each sees what the others took. */
export function createLeases(db: Database): Leases {
  return {
    change: (source, act) =>
      db.transaction().execute(async (trx) => {
        await takeTurn(trx, `budget of ${source}`);
        const row = await trx.selectFrom('budget').select('account').where('source', '=', source).executeTakeFirst();
        const { text: account, result } = act(row?.account);
        await trx
          .insertInto('budget')
          .values({ source, account })
          .onConflict((conflict) => conflict.column('source').doUpdateSet({ account }))
          .execute();
        return result;
      }),
  };
}
