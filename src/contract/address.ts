/** `localhost`, 127.0.0.0/8 and ::1, as the URL standard writes a parsed host: `127.1` and `0x7f000001` come out as `127.0.0.1`. */
const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/**
 * Whether a configured address may be called: https, or http to this machine (a stand-in, a proxy). A token sent over plain http
 * to any other host could be read on the way. A user or password inside the address is refused, since an address is printed.
 * Anything that is not an absolute URL is false.
 */
export function isAllowedAddress(url: string): boolean {
  const parsed = URL.parse(url);
  if (!parsed || parsed.username !== '' || parsed.password !== '') return false;
  return parsed.protocol === 'https:' || (parsed.protocol === 'http:' && LOOPBACK.test(parsed.hostname));
}
