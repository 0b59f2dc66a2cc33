/** The alarm's name, the last part of `arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME`: it may hold colons. */
export function nameOf(arn: string): string {
  return arn.split(':').slice(6).join(':');
}

export function regionOf(arn: string): string | undefined {
  return arn.split(':')[3];
}

export function accountOf(arn: string): string | undefined {
  return arn.split(':')[4];
}

/** The ARN of another alarm of the same account and region. */
export function siblingOf(arn: string, name: string): string {
  return [...arn.split(':').slice(0, 6), name].join(':');
}

/** The console's domain in each partition. */
const DOMAINS: Readonly<Record<string, string>> = { aws: 'aws.amazon.com', 'aws-cn': 'amazonaws.cn', 'aws-us-gov': 'amazonaws-us-gov.com' };

/** The alarm's page in the AWS console of its partition and region; nothing where the ARN is none, or of a partition with no public console. */
export function consoleUrl(arn: string): string | undefined {
  const [, partition = '', region, name] = /^arn:(aws[a-z-]*):cloudwatch:([a-z0-9-]+):\d*:alarm:(.+)$/s.exec(arn) ?? [];
  const domain = DOMAINS[partition];
  if (!domain || !region || !name) return undefined;
  return `https://${[region, 'console', domain].join('.')}/cloudwatch/home?region=${region}#alarmsV2:alarm/${encodeURIComponent(name.toWellFormed())}`;
}
