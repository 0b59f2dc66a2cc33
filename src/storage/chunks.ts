/** Rows of one write transaction, so that no other process waits long for its turn. */
const MAX_ROWS = 100;
/** Characters of one write transaction: a hundred large diffs would hold the store longer than a hundred log entries. */
const MAX_CHARACTERS = 1_000_000;

/** The rows in their order, cut into write transactions. A row larger than a whole transaction has one of its own. */
export function* chunked<Row>(rows: readonly Row[], charactersOf: (row: Row) => number): Generator<readonly Row[]> {
  let chunk: Row[] = [];
  let characters = 0;
  for (const row of rows) {
    const size = charactersOf(row);
    if (chunk.length === MAX_ROWS || (chunk.length > 0 && characters + size > MAX_CHARACTERS)) {
      yield chunk;
      chunk = [];
      characters = 0;
    }
    chunk.push(row);
    characters += size;
  }
  if (chunk.length > 0) yield chunk;
}
