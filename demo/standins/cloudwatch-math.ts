import type { Points } from './cloudwatch-metrics.ts';

type Value = number | Points;

/**
 * Metric math as alarms commonly use it: ids, numbers, `+ - * /` and parentheses over points of equal starts.
 * A period that one operand lacks is absent from the result, as at CloudWatch. Throws SyntaxError for anything else.
 */
export function evaluate(expression: string, operands: ReadonlyMap<string, Points>): Points {
  const tokens = expression.match(/\s*(?:\d+(?:\.\d+)?|[a-z]\w*|[-+*/()]|\S)/g)?.map((token) => token.trim()) ?? [];
  let place = 0;

  const sum = (): Value => chain(product, ['+', '-']);
  const product = (): Value => chain(atom, ['*', '/']);
  function chain(operand: () => Value, operators: readonly string[]): Value {
    let left = operand();
    while (operators.includes(tokens[place] ?? '')) {
      const operator = tokens[place] ?? '';
      place += 1;
      left = combine(operator, left, operand());
    }
    return left;
  }
  function atom(): Value {
    const token = tokens[place] ?? '';
    place += 1;
    if (token === '(') {
      const inner = sum();
      if (tokens[place] !== ')') throw new SyntaxError(`a parenthesis is not closed in ${expression}`);
      place += 1;
      return inner;
    }
    if (/^\d/.test(token)) return Number(token);
    const points = operands.get(token);
    if (!points) throw new SyntaxError(`${JSON.stringify(token)} is not understood in ${expression}`);
    return points;
  }

  const result = sum();
  if (place < tokens.length || typeof result === 'number') throw new SyntaxError(`${expression} gives no series`);
  return result;
}

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};

function combine(operator: string, left: Value, right: Value): Value {
  const apply = OPERATORS[operator] ?? (() => Number.NaN);
  if (typeof left === 'number' && typeof right === 'number') return apply(left, right);
  const starts = typeof left === 'number' ? (right as Points).keys() : left.keys();
  const at = (value: Value, start: number) => (typeof value === 'number' ? value : value.get(start));
  const points = new Map<number, number>();
  for (const start of starts) {
    const [a, b] = [at(left, start), at(right, start)];
    const result = a === undefined || b === undefined ? Number.NaN : apply(a, b);
    if (Number.isFinite(result)) points.set(start, result);
  }
  return points;
}
