/**
 * The same function, asked once for each text: a hundred thousand records say the same few words. What it was told is kept as long
 * as the function is, so it is made where it is used and never stands in a module.
 */
export function remembered<Answer>(tell: (text: string) => Answer): (text: string) => Answer {
  const answers = new Map<string, { readonly answer: Answer }>();
  return (text) => {
    const known = answers.get(text);
    if (known) return known.answer;
    const answer = tell(text);
    answers.set(text, { answer });
    return answer;
  };
}

/** The same for what many share: each object is asked of once. */
export function rememberedOf<Shared extends object, Answer>(tell: (shared: Shared) => Answer): (shared: Shared) => Answer {
  const answers = new Map<Shared, { readonly answer: Answer }>();
  return (shared) => {
    const known = answers.get(shared);
    if (known) return known.answer;
    const answer = tell(shared);
    answers.set(shared, { answer });
    return answer;
  };
}
