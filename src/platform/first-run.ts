import type { Settings } from '../app/ports.ts';
import type { Json } from '../core/evidence.ts';

const SHIPPED = 'https://api.pagerduty.com';

/**
 * With no configuration file, the URL that a person pasted says which PagerDuty is meant: an account of the EU region, or a
 * stand-in on this machine. Whatever else the text is, the settings stay as they are: no other host is ever sent the token.
 */
export function pointAt(settings: Settings, select: string | undefined): Settings {
  const address = settings.path === undefined ? addressOf(select ?? '') : undefined;
  if (address === undefined) return settings;
  const sources = Object.entries(settings.sources).map(([name, { connector, config }]) => {
    const isShipped = isBlock(config) && (config['base_url'] ?? SHIPPED) === SHIPPED;
    return [name, { connector, config: connector === 'pagerduty' && isShipped ? { ...config, base_url: address } : config }] as const;
  });
  return { ...settings, sources: Object.fromEntries(sources) };
}

function addressOf(select: string): string | undefined {
  if (!URL.canParse(select)) return undefined;
  const { protocol, hostname, origin } = new URL(select);
  if (protocol === 'https:' && hostname.endsWith('.eu.pagerduty.com')) return 'https://api.eu.pagerduty.com';
  return protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname) ? origin : undefined;
}

function isBlock(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
