/** What a key uses as a mark, and a slash within a metric's name, stand escaped in it: CloudWatch allows all of them in names. */
const ESCAPED = /%(?:2F|25|3F|23|40)/g;

/**
 * A key as people write what it names: `aws-prod/metric:Acme/Shop/orders%2Fpaid` is `aws-prod/metric:Acme/Shop/orders/paid`. Claims and
 * the policy are held against keys in this form, so that nobody needs to know what is escaped.
 */
export function plainKey(key: string): string {
  return key.includes('%') ? key.replaceAll(ESCAPED, decodeURIComponent) : key;
}

/** `aws-prod/metric:AWS/ApplicationELB/HTTPCode_Target_5XX_Count`, by which a service may claim the series. */
export function claimKeyOf(seriesKey: string): string {
  return seriesKey.split(/[?#]/)[0] ?? seriesKey;
}

/** Whether a series, or a listed metric, is of the metric that people write as `NAMESPACE NAME`. */
export function isMetric({ key, source }: { readonly key: string; readonly source: string }, metric: string): boolean {
  return plainKey(claimKeyOf(key)) === plainPlace(source, metric);
}

/** `SOURCE/metric:NAMESPACE/NAME` of `NAMESPACE NAME`, with nothing escaped. */
export function plainPlace(source: string, metric: string): string {
  return `${source}/metric:${metric.replace(' ', '/')}`;
}
