/** RFC 4180; a cell that a spreadsheet would run as a formula is made text by a quote before it. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => {
    const inert = /^[=+\-@\t\r]/.test(text) && !/^-\d/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
  };
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}
