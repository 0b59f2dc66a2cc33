import type { Json } from './evidence.ts';

/** A named rule: what it finds becomes `[redacted: name]`, behind the part that its group `keep` holds. */
interface Rule {
  readonly name: string;
  /** Global. Unbounded repetitions are forward only, or start at a boundary that lies once in a run: cost grows with the text. */
  readonly pattern: RegExp;
}

/** Words that are never followed by anything but a secret, and those that are followed by other things too. */
const PASSWORD = 'passw(?:or)?d|passphrase|pwd';
const KEY = '(?:api|access|secret|signing|encryption|shared|account|master|service|routing|integration|private)[_-]?key';
const SECRET = `secret|token|${KEY}`;

/** A closing quote of a JSON key, as it is or escaped in a string; then the sign of an assignment. */
const CLOSE = '\\\\{0,3}["\'`]?';
const SIGN = '(?:=>|:=|=|:)';

/** What stands in code and schemas where a secret would: `password: string`, `token = config.token`, `key=${KEY}`. */
const NO_SECRET =
  '(?!(?:string|number|boolean|null|none|undefined|true|false|required|optional|any|unknown|object|never|void|invalid|expired|missing|empty|changed|rotated)\\b|[[{<*$(]|[A-Za-z_$][\\w$]{0,60}\\.[A-Za-z_$])';
const BARE = '[^\\s"\'`&,;(){}[\\]<>\\\\|]';
const LINE_ENDS = '(?=[ \\t]{0,3}(?:[,;}\\r\\n\\\\#]|$))';

const insensitive = (...parts: readonly string[]) => new RegExp(parts.join(''), 'gi');

/**
 * In the order of their running: first what is recognized by its own shape, then what the word before it gives away. None
 * matches a replacement, a commit, an ARN, an id or a time, so redacting twice changes nothing.
 */
const RULES: readonly Rule[] = [
  { name: 'jwt', pattern: /(?<![\w-])eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*/g },
  { name: 'aws_access_key', pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])/g },
  { name: 'github_token', pattern: /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/g },
  { name: 'slack_token', pattern: /(?<![A-Za-z0-9])(?:xox[a-z]|xapp)-[\w-]{10,}/g },
  { name: 'slack_webhook', pattern: /(?<keep>hooks\.slack(?:-gov)?\.com\/[a-z]{5,12}\/)[\w/]{8,}/g },
  // PagerDuty's REST keys: twenty characters that begin `u+` for people's and often `y_` for accounts'.
  { name: 'pagerduty_token', pattern: /(?<![\w+/-])(?:[a-z]\+|y_)(?=[a-z0-9_-]{0,17}[A-Z])(?=[A-Za-z_-]{0,17}\d)[\w-]{18}(?![\w+/-])/g },
  { name: 'integration_key', pattern: /(?<keep>events(?:\.eu)?\.pagerduty\.com\/(?:integration|x-ere)\/)\w{16,}/g },
  {
    name: 'vendor_token',
    pattern:
      /(?<![\w-])(?:[rs]k_(?:live|test)_\w{16,}|sk-[\w-]{24,}|AIza[\w-]{35}|npm_[A-Za-z0-9]{36}|glpat-[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,})/g,
  },
  { name: 'signature', pattern: /AWS4-HMAC-SHA256\s{1,3}Credential=[^"'\r\n]+/g },
  { name: 'signature', pattern: /(?<keep>[?&](?:X-Amz-(?:Signature|Security-Token|Credential)|sig|signature)=)[^&\s"'<>[\]]+/gi },
  {
    name: 'url_password',
    pattern: /(?<keep>(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'<>?#]{0,100}:)[^\s@/"'<>?#[\]]{1,300}(?=@)/gi,
  },
  {
    name: 'authorization',
    pattern: insensitive(
      `(?<keep>authorization${CLOSE}\\s{0,3}${SIGN}\\s{0,3}${CLOSE})`,
      '(?:(?:Basic|Bearer|Token|Digest|ApiKey|Negotiate|AWS4-HMAC-SHA256)[ \\t]{1,3}(?!\\[)[^"\'\\\\\\r\\n]+|(?![[{<*$])[^\\s"\'`,;\\\\]{16,})',
    ),
  },
  { name: 'bearer', pattern: /(?<keep>(?<!\w)(?:Bearer|Basic)[ \t]{1,3})(?=[A-Za-z_.~+/=-]{0,200}\d)[\w.~+/=-]{8,}/gi },
  {
    name: 'cookie',
    pattern: insensitive(`(?<keep>(?<!\\w)(?:set-)?cookie${CLOSE}\\s{0,3}:\\s{0,3}${CLOSE})(?!\\[)[\\w.-]{1,80}=[^"'\\\\\\r\\n]+`),
  },
  {
    name: 'secret',
    pattern: insensitive(
      `(?<keep>(?:${PASSWORD}|${SECRET})${CLOSE}\\s{0,3}${SIGN}\\s{0,3}\\\\{0,3}["'\`])${NO_SECRET}(?=\\S)[^"'\`\\\\\\r\\n]+`,
    ),
  },
  { name: 'password', pattern: insensitive(`(?<keep>(?:${PASSWORD})${CLOSE}(?:=|:(?!:)))${NO_SECRET}(?![ \\t/])${BARE}+`) },
  {
    name: 'password',
    pattern: insensitive(`(?<keep>(?:${PASSWORD})${CLOSE}[ \\t]{0,3}${SIGN}[ \\t]{1,3})${NO_SECRET}(?!/)${BARE}{4,}${LINE_ENDS}`),
  },
  { name: 'secret', pattern: insensitive(`(?<keep>(?:${SECRET})=)${NO_SECRET}${BARE}{6,}`) },
  {
    name: 'secret',
    pattern: insensitive(
      `(?<keep>(?:${SECRET})${CLOSE}[ \\t]{0,3}${SIGN}[ \\t]{1,3})${NO_SECRET}(?=[^\\s\\d]{0,200}\\d)${BARE}{8,}${LINE_ENDS}`,
    ),
  },
  // By its country's prefix alone, and not where a line begins: there a plus sign is a diff's.
  {
    name: 'phone_number',
    pattern: /(?:^|(?<=[ \t("'`:;,=>]))\+[1-9](?:[ ().-]{0,2}\d){9,14}(?![\w.]*\w)/g,
  },
];

/** A mark that each rule's secrets have: most texts have none, and are left after one look. */
const MARKS =
  /pass|pwd|secret|token|key|eyJ|AKIA|ASIA|ABIA|ACCA|gh[pousr]_|github_pat|xox|xapp-|hooks\.slack|events\.|[a-z]\+|y_|[rs]k_|sk-|AWS4-|AIza|npm_|glpat|SG\.|[?&](?:X-Amz|sig)|:\/\/[^\s/]{0,400}@|authorization|bearer|basic|cookie|(?:^|[ \t("'`:;,=>])\+[1-9][\d ().-]{7}/i;

/** Puts `[redacted: rule]` in place of every secret that a rule knows. Linear in the text; doing it twice changes nothing. */
export function redactText(text: string): string {
  if (!MARKS.test(text)) return text;
  let cleaned = redactKeys(text);
  for (const { name, pattern } of RULES) {
    cleaned = cleaned.replace(pattern, (...found: readonly unknown[]) => `${keptOf(found.at(-1))}[redacted: ${name}]`);
  }
  return cleaned;
}

/** A value this short would blot out ordinary words; no vendor gives one. */
const SHORTEST_KNOWN = 8;

/**
 * A body without what we ourselves sign in with, whatever that looks like: a vendor, or whoever writes into its records, may repeat
 * it. In most there is none, which one look at the whole tells.
 */
export function hideKnown(body: Json, secrets: readonly string[]): Json {
  const long = secrets.filter((secret) => secret.length >= SHORTEST_KNOWN);
  if (long.length === 0) return body;
  const text = JSON.stringify(body);
  const found = long.map((secret) => JSON.stringify(secret).slice(1, -1)).filter((secret) => text.includes(secret));
  if (found.length === 0) return body;
  const hidden: Json = JSON.parse(found.reduce((rest, secret) => rest.replaceAll(secret, '[redacted: own_secret]'), text));
  return hidden;
}

/** A bundle's line may have 64 levels, with what stands around the body; no vendor's record has half of it. */
const DEEPEST = 50;

/** A body without what lies deeper than any vendor's: whoever writes into a record could exhaust the stack with it, and hide all others. */
export function cutDeep(body: Json): Json {
  return isWithin(body, DEEPEST) ? body : cutBelow(body, DEEPEST);
}

function isWithin(value: Json, levels: number): boolean {
  if (value === null || typeof value !== 'object') return true;
  return levels > 0 && Object.values(value).every((member: Json) => isWithin(member, levels - 1));
}

function cutBelow(value: Json, levels: number): Json {
  if (value === null || typeof value !== 'object') return value;
  if (levels === 0) return '[redacted: nested_too_deep]';
  if (isList(value)) return value.map((item) => cutBelow(item, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, cutBelow(member, levels - 1)]));
}

/** The named group `keep` of a match; a pattern without groups gives the whole text in its place. */
function keptOf(groups: unknown): string {
  return typeof groups === 'object' && groups !== null && 'keep' in groups && typeof groups.keep === 'string' ? groups.keep : '';
}

/** A private key block, to its end line, or to the end of the text where it was cut. */
function redactKeys(text: string): string {
  const parts: string[] = [];
  let done = 0;
  for (const { index } of text.matchAll(/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g)) {
    if (index < done) continue;
    const end = text.indexOf('-----END ', index);
    const dashes = end < 0 ? -1 : text.indexOf('-----', end + '-----END '.length);
    parts.push(text.slice(done, index), '[redacted: private_key]');
    done = dashes < 0 ? text.length : dashes + '-----'.length;
  }
  return parts.join('') + text.slice(done);
}

/** Members whose value is a secret whatever it looks like; lower case, letters only. `incident_key` and `dedup_key` are none. */
const SECRET_MEMBERS =
  /^(?:.*(?:password|passwd|passphrase|secret)|pwd|authorization|proxyauthorization|cookie|setcookie|credentials?|.*(?:apikey|accesskey|secretkey|servicekey|routingkey|integrationkey|privatekey|signingkey|encryptionkey)|.*(?<!next|page|pagination|continuation|cursor|sync)token)$/;

/** How a person is reached: `channel.notification.address` and contact methods. */
const ADDRESS_MEMBERS = /^(?:phone|phonenumber|mobile|mobilenumber|conferencenumber|contactaddress)$/;
const CHANNEL_TYPE = /sms|phone|email|push|voice|whatsapp|contact_method/i;

/**
 * Redacts a body before it is hashed and stored: in every string by pattern, and whole where the member's name says that its
 * value is a secret or the way to reach a person. Ids, commits, times and ARNs stay as they are. Idempotent.
 */
export function redact(body: Json): Json {
  if (typeof body === 'string') return redactText(body);
  if (body === null || typeof body !== 'object') return body;
  if (isList(body)) return body.map(redact);
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, redactMember(body, name, value)]));
}

function redactMember(owner: { readonly [key: string]: Json }, name: string, value: Json): Json {
  const rule = memberRule(owner, name);
  return rule === undefined ? redact(value) : blank(value, rule);
}

function memberRule(owner: { readonly [key: string]: Json }, name: string): string | undefined {
  const plain = lettersOf(name);
  if (SECRET_MEMBERS.test(plain)) return 'secret_member';
  if (ADDRESS_MEMBERS.test(plain)) return 'contact_address';
  if (plain === 'address' && typeof owner['type'] === 'string' && CHANNEL_TYPE.test(owner['type'])) return 'contact_address';
  // Headers and custom fields are often lists of { name, value }.
  const label = owner['name'] ?? owner['key'];
  return plain === 'value' && typeof label === 'string' && SECRET_MEMBERS.test(lettersOf(label)) ? 'secret_member' : undefined;
}

/** A name without its case and signs; what is no name (a sentence, a redacted text) is read by patterns alone. */
function lettersOf(name: string): string {
  return !/^[\w .-]{1,100}$/.test(name) ? '' : name.toLowerCase().replace(/[^a-z]/g, '');
}

/** Replaces every leaf that can hold a secret: `null`, true, false and the empty text say only that there is none. */
function blank(value: Json, rule: string): Json {
  if (value === null || typeof value === 'boolean' || value === '') return value;
  if (typeof value !== 'object') return `[redacted: ${rule}]`;
  if (isList(value)) return value.map((item) => blank(item, rule));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, blank(member, rule)]));
}

function isList(value: readonly Json[] | { readonly [key: string]: Json }): value is readonly Json[] {
  return Array.isArray(value);
}
