/**
 * What the short names of zones mean, in minutes ahead of UTC. Where a name has several meanings the one that engineers'
 * documents use most stands here (CST and IST: North America, India); a document may always write an offset instead.
 */
const OFFSETS: Readonly<Record<string, number>> = {
  Z: 0,
  UTC: 0,
  GMT: 0,
  WET: 0,
  BST: 60,
  WEST: 60,
  CET: 60,
  CEST: 120,
  MEZ: 60,
  MESZ: 120,
  EET: 120,
  EEST: 180,
  MSK: 180,
  GST: 240,
  IST: 330,
  SGT: 480,
  HKT: 480,
  JST: 540,
  KST: 540,
  AEST: 600,
  AEDT: 660,
  NZST: 720,
  NZDT: 780,
  BRT: -180,
  EDT: -240,
  EST: -300,
  CDT: -300,
  CST: -360,
  MDT: -360,
  MST: -420,
  PDT: -420,
  PST: -480,
  // Said without a season: the standard one, so that a difference of an hour is possible and is treated as such.
  PT: -480,
  ET: -300,
  CT: -360,
  MT: -420,
};

/** Source of a pattern that finds a zone: `UTC`, `PST`, `UTC+2`, `+02:00`. `14:22-14:26` is two times, no offset. */
export const ZONE = `(?:(?:UTC|GMT)\\s?[+-]\\d{1,2}(?::?\\d{2})?|(?:\\+|(?<=T\\d\\d:\\d\\d|:\\d\\d:\\d\\d)-)\\d{2}:?\\d{2}(?!\\d)|${Object.keys(OFFSETS).join('|')})(?![A-Za-z0-9])`;

/** Minutes ahead of UTC; nothing for a name that is not known. */
export function zoneMinutes(name: string): number | undefined {
  const offset = /([+-])(\d{1,2}):?(\d{2})?$/.exec(name);
  if (!offset) return OFFSETS[name.toUpperCase()];
  const minutes = Number(offset[2]) * 60 + Number(offset[3] ?? 0);
  return offset[1] === '-' ? -minutes : minutes;
}

/** The zone in which a document says all its times are: "All times in CET", "Time (UTC)", "times UTC". */
export function statedZone(texts: readonly string[]): number | undefined {
  const stated = new RegExp(`\\b(?:time(?:s|line|stamps?)?|(?:uhr)?zeit(?:en)?|heures?)\\b[^.\\n]{0,40}?(?<![A-Za-z])(${ZONE})`, 'i');
  for (const text of texts) {
    const name = stated.exec(text)?.[1];
    const minutes = name === undefined || name === 'Z' ? undefined : zoneMinutes(name);
    if (minutes !== undefined) return minutes;
  }
  return undefined;
}
