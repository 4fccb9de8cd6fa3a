import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StructuredAnswer } from './answer.ts';
import { VERSION } from './config.ts';
import { showBytes } from './format-bytes.ts';
import { alignTables } from './terminal-answer.ts';

/** What `ask` prints and how it ends: 0 answered, 1 the tool said no, 2 wrong use, 3 no bridge. */
export interface AskOutcome {
  out: string;
  exitCode: 0 | 1 | 2 | 3;
}

export interface AskOptions {
  url: string;
  /** Print the structured form. */
  json: boolean;
  /** Align columns for a person at a terminal; else the text is printed as a model reads it. */
  terminal: boolean;
}

/** Asks a running bridge one question over MCP, as any client would. Without a tool it lists what can be asked. */
export async function ask(words: readonly string[], options: AskOptions): Promise<AskOutcome> {
  const client = new Client({ name: 'telemcp-ask', version: VERSION }, { versionNegotiation: { mode: 'auto' } });
  try {
    await client.connect(new StreamableHTTPClientTransport(new URL(options.url)));
  } catch (error) {
    return {
      out: `no bridge answers at ${options.url}: ${rootCause(error)}\nStart one with: telemcp-bridge serve`,
      exitCode: 3,
    };
  }
  try {
    const { tools } = await client.listTools();
    const [wanted, ...pairs] = words;
    if (wanted === undefined) return { out: tools.map(describeTool).join('\n'), exitCode: 0 };
    const tool = tools.find(({ name }) => name === wanted || name === wanted.replaceAll('.', '_'));
    if (tool === undefined)
      return { out: `no tool ${wanted}; there are ${tools.map(({ name }) => name).join(', ')}`, exitCode: 2 };
    const bad = pairs.find((pair) => !/^[A-Za-z]\w*=/.test(pair));
    if (bad !== undefined)
      return { out: `${bad}: arguments are written name=value\n${describeTool(tool)}`, exitCode: 2 };
    const args = Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    );
    const result = await client.callTool({ name: tool.name, arguments: args });
    const text = result.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
    if (result.isError === true) return { out: options.json ? JSON.stringify({ error: text }) : text, exitCode: 1 };
    const images = result.content.flatMap((part) =>
      part.type === 'image' ? [{ mimeType: part.mimeType, data: part.data }] : [],
    );
    const structured = StructuredAnswer.safeParse(result.structuredContent).data;
    if (options.json && structured !== undefined) {
      const whole = images.length === 0 ? structured : { ...structured, images };
      return { out: JSON.stringify(whole, null, 2), exitCode: 0 };
    }
    const shown = options.terminal && structured !== undefined ? alignTables(structured) : text;
    return { out: [shown, ...images.map(whereToSee)].join('\n'), exitCode: 0 };
  } catch (error) {
    return { out: `${options.url}: ${rootCause(error)}`, exitCode: 3 };
  } finally {
    await client.close();
  }
}

function describeTool(tool: {
  name: string;
  description?: string | undefined;
  inputSchema: { properties?: object | undefined; required?: string[] | undefined };
}) {
  const names = Object.keys(tool.inputSchema.properties ?? {}).map((name) =>
    tool.inputSchema.required?.includes(name) ? `${name}=…` : `[${name}=…]`,
  );
  return `${tool.name} ${names.join(' ')}\n    ${tool.description ?? ''}`;
}

function whereToSee({ mimeType, data }: { mimeType: string; data: string }, index: number): string {
  const size = showBytes(Buffer.byteLength(data, 'base64'));
  return `picture: ${mimeType}, ${size}, for clients that show images. As a file: add --json, then jq -r '.images[${index}].data' | base64 -d`;
}

function rootCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : rootCause(error.cause);
}
