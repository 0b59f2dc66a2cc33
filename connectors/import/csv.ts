/** One record of a CSV text, or why it is none; `line` is where it begins, from 1. */
export type CsvRow = { readonly line: number } & ({ readonly cells: readonly string[] } | { readonly problem: string });

/**
 * Reads CSV as RFC 4180 has it: commas, fields in double quotes that may hold commas, line breaks and doubled quotes; lines end
 * with CRLF or LF. Strict: a quote inside an unquoted field, text after a closing quote and a quote that never closes are
 * problems of that record and of no other. Every cell is text, whatever it looks like: `=1+1` is four characters.
 */
export function* readCsv(text: string): Generator<CsvRow> {
  const reading = { text, at: 0, line: 1 };
  while (reading.at < text.length) {
    const { line } = reading;
    const start = reading.at;
    const cells: string[] = [];
    let problem: string | undefined;
    for (let more = true; more && problem === undefined; ) {
      const cell = text[reading.at] === '"' ? readQuoted(reading) : readPlain(reading);
      if ('problem' in cell) problem = cell.problem;
      else cells.push(cell.value);
      more = problem === undefined && text[reading.at] === ',';
      if (more) reading.at += 1;
    }
    if (problem !== undefined) {
      reading.at = start;
      reading.line = line;
      skipLine(reading);
      yield { line, problem };
    } else {
      skipLine(reading);
      yield { line, cells };
    }
  }
}

interface Reading {
  readonly text: string;
  at: number;
  line: number;
}
type Cell = { readonly value: string } | { readonly problem: string };

function readPlain(reading: Reading): Cell {
  const { text, at } = reading;
  let end = at;
  while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') end += 1;
  const value = text.slice(at, end);
  reading.at = end;
  return value.includes('"') ? { problem: 'a quote inside a field that is not quoted' } : { value };
}

function readQuoted(reading: Reading): Cell {
  const { text } = reading;
  const parts: string[] = [];
  for (let from = reading.at + 1; ; ) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return { problem: 'a quote that never closes' };
    parts.push(text.slice(from, quote));
    if (text[quote + 1] !== '"') {
      reading.at = quote + 1;
      break;
    }
    parts.push('"');
    from = quote + 2;
  }
  const next = text[reading.at];
  if (next !== undefined && next !== ',' && next !== '\n' && next !== '\r') return { problem: 'text after the closing quote of a field' };
  const value = parts.join('');
  reading.line += value.split('\n').length - 1;
  return { value };
}

/** To the beginning of the next line. */
function skipLine(reading: Reading): void {
  const end = reading.text.indexOf('\n', reading.at);
  reading.at = end < 0 ? reading.text.length : end + 1;
  reading.line += 1;
}
