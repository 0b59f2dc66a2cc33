import { parentPort } from 'node:worker_threads';
import { openSqlite } from '../../src/storage/sqlite.ts';

/** A thread that opens the file it is told and answers with what went wrong, or nothing. */
parentPort?.on('message', async (file: string) => {
  try {
    (await openSqlite(file)).close();
    parentPort?.postMessage('');
  } catch (error) {
    parentPort?.postMessage(String(error));
  }
});
