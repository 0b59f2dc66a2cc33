import type { Answer } from './server.ts';

export const CONTENT_TYPE = 'application/x-amz-json-1.0';

/** The vendor's way to say no: a code that clients switch on, and a sentence. */
export class Refusal extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** How each code stands in `__type`: the names differ from the older query codes, which the header repeats. */
const TYPES: Readonly<Record<string, string>> = {
  InvalidNextToken: 'com.amazonaws.cloudwatch#InvalidNextToken',
  MissingParameter: 'com.amazonaws.cloudwatch#MissingRequiredParameterException',
  InvalidParameterValue: 'com.amazonaws.cloudwatch#InvalidParameterValueException',
  InvalidParameterCombination: 'com.amazonaws.cloudwatch#InvalidParameterCombinationException',
  InternalServiceError: 'com.amazonaws.cloudwatch#InternalServiceFault',
  Throttling: 'com.amazonaws.cloudwatch#Throttling',
};

/** The refusal on the wire: AWS JSON 1.0 with the query-compatible header. */
export function refused({ code, message, status }: Refusal): Answer {
  const fault = status >= 500 ? 'Receiver' : 'Sender';
  return {
    status,
    headers: { 'x-amzn-query-error': `${code};${fault}`, 'x-amzn-requestid': '5b9f0a1e-0000-4000-8000-000000000000' },
    body: { __type: TYPES[code] ?? `com.amazon.coral.service#${code}`, message },
  };
}

/** A token holds the place and what was asked: one that was made for another question is refused. */
export function writeToken(place: number, input: object): string {
  return Buffer.from(JSON.stringify([place, questionOf(input)])).toString('base64url');
}

/** The place that a token names; 0 without one. */
export function readToken(token: string | undefined, input: object): number {
  if (token === undefined) return 0;
  try {
    const [place, question] = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as [unknown, unknown];
    if (Number.isSafeInteger(place) && question === questionOf(input)) return Number(place);
  } catch {
    // Falls through: a text that is no token at all is refused in the same words.
  }
  throw new Refusal('InvalidNextToken', 'The next token specified is invalid.');
}

function questionOf(input: object): string {
  return JSON.stringify({ ...input, NextToken: undefined });
}
