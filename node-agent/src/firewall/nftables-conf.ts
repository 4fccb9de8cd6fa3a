import { plainText } from '../plain-text.ts';
import { HOOKS, type Hook, type Policy, policyOf } from './policies.ts';

/** A base chain in a file for nft(8). */
export interface WrittenChain {
  family: string;
  hook: Hook;
  isFilter: boolean;
  /** By its policy, or by a last rule that drops or rejects whatever comes to it; nft's own default is accept. */
  policy: Policy;
}

/** What a file for nft(8) would load, as far as can be told without being nft. */
export interface NftablesFile {
  chains: WrittenChain[];
  rules: number;
  includes: string[];
}

const INCLUDES_MAX = 20;
const CHAINS_MAX = 200;
const FAMILIES: ReadonlySet<string> = new Set(['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev']);

interface Block {
  kind: 'table' | 'chain' | 'other';
  family: string;
  hook: Hook | null;
  isFilter: boolean;
  policy: Policy;
  lastRule: readonly string[];
}

/**
 * Reads tables and chains written as blocks, and chains added by a command. Variables are not replaced and files that are
 * included are only named, so this is what the file itself says.
 */
export function parseNftablesConf(text: string): NftablesFile {
  const found: NftablesFile = { chains: [], rules: 0, includes: [] };
  const blocks: Block[] = [];
  let words: string[] = [];

  const endStatement = () => {
    const statement = words;
    words = [];
    if (statement.length === 0) return;
    const [first, second] = statement;
    const block = blocks.at(-1);
    if (first === 'include' && second !== undefined) {
      if (found.includes.length < INCLUDES_MAX) found.includes.push(plainText(second));
    } else if (block?.kind === 'chain') readChainStatement(block, statement, found);
    else if (block === undefined && (first === 'add' || first === 'insert') && second === 'rule') found.rules += 1;
  };

  for (const token of tokensOf(text)) {
    if (token === '{') {
      blocks.push(opened(words, blocks.at(-1)));
      // A set or a map in the middle of a rule: what stands around it is one statement.
      if (blocks.at(-1)?.kind !== 'other') words = [];
    } else if (token === '}') {
      const closed = blocks.at(-1);
      if (closed?.kind !== 'other') endStatement();
      blocks.pop();
      if (closed?.kind === 'chain' && closed.hook !== null && found.chains.length < CHAINS_MAX) {
        found.chains.push(writtenChain(closed, closed.hook));
      }
    } else if (token === ';' || token === '\n') {
      if (blocks.at(-1)?.kind !== 'other') endStatement();
    } else if (words.length < 64) words.push(token);
  }
  endStatement();
  return found;
}

/** What the words before a brace open. */
function opened(words: readonly string[], outer: Block | undefined): Block {
  const block: Block = { kind: 'other', family: 'ip', hook: null, isFilter: false, policy: null, lastRule: [] };
  const start = ['add', 'create'].includes(words[0] ?? '') ? 1 : 0;
  const keyword = words[start];
  const family = words[start + 1] ?? '';
  if (keyword === 'table' && outer === undefined)
    return { ...block, kind: 'table', family: FAMILIES.has(family) ? family : 'ip' };
  if (keyword === 'chain' && outer?.kind === 'table') return { ...block, kind: 'chain', family: outer.family };
  if (keyword === 'chain' && outer === undefined)
    return { ...block, kind: 'chain', family: FAMILIES.has(family) ? family : 'ip' };
  return block;
}

function readChainStatement(block: Block, statement: readonly string[], found: NftablesFile): void {
  const [first, second] = statement;
  if (first === 'type') {
    block.isFilter = second === 'filter';
    block.hook = HOOKS.find((hook) => statement[statement.indexOf('hook') + 1] === hook) ?? null;
  } else if (first === 'policy') block.policy = policyOf(second);
  else if (first !== 'comment' && first !== 'flags') {
    found.rules += 1;
    block.lastRule = statement;
  }
}

function writtenChain({ family, hook: _, isFilter, policy, lastRule }: Block, hook: Hook): WrittenChain {
  return { family, hook, isFilter, policy: unconditionalVerdict(lastRule) ?? policy ?? 'accept' };
}

/** The verdict of a rule that only counts and logs before it; null where it matches anything in particular. */
function unconditionalVerdict(rule: readonly string[]): Policy {
  let at = 0;
  for (;;) {
    const word = rule[at];
    if (word === 'counter') at += rule[at + 1] === 'packets' ? 5 : 1;
    else if (word === 'log') at += 1;
    else if (at > 0 && ['prefix', 'level', 'group', 'flags'].includes(word ?? '')) at += 2;
    else return policyOf(word);
  }
}

/** Words, braces, semicolons and line ends; comments left out, a quoted string is one word without its quotes. */
function* tokensOf(text: string): Generator<string> {
  let word = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    const isMark = '{};\n'.includes(character);
    if (!isMark && !' \t\r"#\\'.includes(character)) {
      word += character;
      continue;
    }
    if (word !== '') yield word;
    word = '';
    if (isMark) yield character;
    else if (character === '"') {
      const end = text.indexOf('"', at + 1);
      yield text.slice(at + 1, end === -1 ? text.length : end);
      at = end === -1 ? text.length : end;
    } else if (character === '#') {
      const end = text.indexOf('\n', at);
      at = end === -1 ? text.length : end - 1;
    } else if (character === '\\' && text[at + 1] === '\n') at += 1;
  }
  if (word !== '') yield word;
}
