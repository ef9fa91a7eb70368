/** A tool whose module is loaded when something is first asked of it. All that is asked of tools is asynchronous. */
export function lazily<Tool extends object>(load: () => Promise<Tool>): Tool {
  let loading: Promise<Tool> | undefined;
  const ask =
    (name: string | symbol) =>
    async (...words: unknown[]) => {
      const tool = (await (loading ??= load())) as Record<string | symbol, (...words: unknown[]) => unknown>;
      return tool[name]!(...words);
    };
  return new Proxy({} as Tool, { get: (_, name) => ask(name) });
}
