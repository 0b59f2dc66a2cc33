const STOPPED = /\b(?:roll(?:ed|ing)?[\s-]?back|revert(?:ed|ing)|abort(?:ed|ing)|halted|stopped)\b/i;
/** It did not come about, or not yet. */
const VAIN = /\b(?:not|never|cannot|could ?n[o']t|fail(?:ed|s)? to|without|needs?|please|should|will|would)\b/i;
const ROLLBACK_FAILED = /\broll(?:ing)?[\s-]?back:? (?:has )?(?:failed|pending|requested)\b/i;
/** What stands in another clause denies another thing: "failed to become healthy, rolled back". */
const CLAUSES = /[,;:.()]|\s[-\u2013\u2014]\s|\b(?:because|after|since|due to|and (?:was|were|is|then|has))\b/i;

/** Whether a status of a rollout says that it was stopped or went back, and not that it might. */
export function saysStopped(text: string): boolean {
  return !saysStoppedInVain(text) && STOPPED.test(text);
}

/** Whether it says that this failed, or is still to be done. */
export function saysStoppedInVain(text: string): boolean {
  return ROLLBACK_FAILED.test(text) || (STOPPED.test(text) && text.split(CLAUSES).every((part) => !STOPPED.test(part) || VAIN.test(part)));
}
