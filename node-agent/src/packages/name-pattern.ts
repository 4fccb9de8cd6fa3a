/** One step of a pattern: any text, any one character, or one character of a set. */
type Step = '*' | ((character: string) => boolean);

/**
 * Whether a name matches a shell pattern (glob(7)) as a whole, letter case aside: `*`, `?`, `[a-z]`, `[!0-9]`. A `[` without its
 * end stands for itself. The work grows with name times pattern at most, whatever they are.
 */
export function createNamePattern(pattern: string): (name: string) => boolean {
  const steps = stepsOf(pattern.toLowerCase());
  return (name) => matches(steps, name.toLowerCase());
}

function stepsOf(pattern: string): Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    const set = character === '[' ? /^\[([!^]?)(\]?[^\]]*)\]/.exec(pattern.slice(at)) : null;
    if (character === '*') steps.push('*');
    else if (character === '?') steps.push(() => true);
    else if (set !== null) {
      const [whole, negation, members = ''] = set;
      const isIn = memberOf(members);
      steps.push(negation === '' ? isIn : (other) => !isIn(other));
      at += whole.length - 1;
    } else steps.push((other) => other === character);
  }
  return steps;
}

function memberOf(members: string): (character: string) => boolean {
  const ranges: [string, string][] = [];
  for (let at = 0; at < members.length; at += 1) {
    const from = members.charAt(at);
    const isRange = members.charAt(at + 1) === '-' && at + 2 < members.length;
    ranges.push([from, isRange ? members.charAt(at + 2) : from]);
    if (isRange) at += 2;
  }
  return (character) => ranges.some(([from, to]) => from <= character && character <= to);
}

/** On a mismatch only the last `*` takes one character more: those before it have no better choice. */
function matches(steps: readonly Step[], name: string): boolean {
  let at = 0;
  let step = 0;
  let star: { step: number; at: number } | null = null;
  while (at < name.length) {
    const current = steps[step];
    if (current === '*') {
      star = { step, at };
      step += 1;
    } else if (current?.(name.charAt(at)) === true) {
      at += 1;
      step += 1;
    } else if (star !== null) {
      star.at += 1;
      at = star.at;
      step = star.step + 1;
    } else return false;
  }
  return steps.slice(step).every((rest) => rest === '*');
}
