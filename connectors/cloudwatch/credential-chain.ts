/** Variables that make the SDK's default chain look for credentials in one place, in its own order. */
const SIGNS = [
  ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  ['AWS_PROFILE'],
  ['AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_ROLE_ARN'],
  ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'],
  ['AWS_CONTAINER_CREDENTIALS_FULL_URI'],
] as const;

/**
 * What the default AWS credential chain has to offer, by name: `AWS_PROFILE`, or the path of a shared file; nothing where it would
 * find none. An instance role is not counted: only asking the metadata service, which may hang elsewhere, could tell.
 */
export function credentialSign(
  environment: Readonly<Record<string, string | undefined>>,
  fileExists: (path: string) => boolean = () => false,
): string | undefined {
  const sign = SIGNS.find((names) => names.every((name) => environment[name]));
  if (sign) return sign[0];
  const home = environment['HOME'] ?? environment['USERPROFILE'];
  const shared = [
    environment['AWS_SHARED_CREDENTIALS_FILE'] ?? (home && `${home}/.aws/credentials`),
    environment['AWS_CONFIG_FILE'] ?? (home && `${home}/.aws/config`),
  ];
  return shared.find((path) => path !== undefined && path !== '' && fileExists(path));
}
