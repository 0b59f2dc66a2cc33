/** What begins as a formula does and is none: a number below zero, and the bounds of a time. */
const BELOW = /^-\d[\d.]*(?: s \+\d[\d.]* s)?$/;

/** RFC 4180; a cell that a spreadsheet would run as a formula is made text by a quote before it. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => {
    const inert = /^[=+\-@\t\r]/.test(text) && !BELOW.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
  };
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}
