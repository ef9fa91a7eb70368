import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';

import { type Contexts, evaluate, interpolate } from './expression.ts';

type Texts = Readonly<Record<string, string>>;

/** A step of a job or of a composite action. */
export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Texts;
  readonly run?: string;
  readonly shell?: string;
  readonly 'working-directory'?: string;
  readonly env?: Texts;
}

/** A composite action, as its file has it. */
export interface Action {
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly required?: boolean; readonly default?: string }>
  >;
  readonly outputs: Readonly<Record<string, { readonly description: string; readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

/** A job of a workflow. */
export interface Job {
  readonly env?: Texts;
  readonly steps: readonly Step[];
}

/** What an action of somebody else does here. It answers its outputs; it throws at inputs that it does not have. */
export type Service = (given: Texts) => Texts;

/** A machine that runs jobs: where its things are, whose actions it knows, and what is put before each of its commands. */
export interface Runner {
  readonly workspace: string;
  readonly env: Texts;
  /** By name, without `@v1`. */
  readonly services: Readonly<Record<string, Service>>;
  readonly contexts: Contexts;
  readonly under?: readonly string[];
}

/** What a job did: what it printed, what it showed below itself, and the outputs of its steps by their ids. */
export interface Done {
  readonly ran: readonly string[];
  readonly log: string;
  readonly summary: string;
  readonly steps: Readonly<Record<string, { readonly outputs: Texts }>>;
}

/** Reads a YAML file. */
export const readYaml = (path: string): unknown => parse(readFileSync(path, 'utf8'));

/** Runs a job as GitHub does: steps one after another, each script in a shell of its own, up to the first that fails. Throws then. */
export async function runJob({ steps, env = {} }: Job, runner: Runner): Promise<Done> {
  const parts = { ran: [] as string[], log: '', summary: '' };
  const files = mkdtempSync(join(dirname(runner.workspace), 'runner-'));
  const jobEnv = { ...runner.env, ...filled(env, runner.contexts) };
  const session: Session = { runner: { ...runner, env: jobEnv }, files, parts };
  try {
    return { steps: await runSteps(steps, session, {}), ...parts };
  } finally {
    rmSync(files, { recursive: true });
  }
}

interface Session {
  readonly runner: Runner;
  readonly files: string;
  readonly parts: { ran: string[]; log: string; summary: string };
}

async function runSteps(steps: readonly Step[], session: Session, more: Contexts): Promise<Done['steps']> {
  const known: Record<string, { readonly outputs: Texts }> = {};
  for (const step of steps) {
    const contexts = { ...session.runner.contexts, ...more, steps: known };
    if (step.if !== undefined && !evaluate(step.if, contexts)) continue;
    const run = step.run === undefined ? runAction : runScript;
    const outputs = await run(step, session, contexts);
    if (step.id !== undefined) known[step.id] = { outputs };
  }
  return known;
}

async function runAction({ uses = '', with: given = {} }: Step, session: Session, contexts: Contexts): Promise<Texts> {
  const { runner, parts } = session;
  const inputs = filled(given, contexts);
  parts.ran.push(uses);
  if (!uses.startsWith('./')) {
    const service = runner.services[uses.replace(/@v\d+$/, '')];
    if (service === undefined) throw new Error(`No machine knows ${uses}`);
    return service(inputs);
  }
  const action = readYaml(join(runner.workspace, uses, 'action.yml')) as Action;
  const strange = Object.keys(inputs).filter((name) => !Object.hasOwn(action.inputs, name));
  if (strange.length > 0) throw new Error(`${uses} has no input ${strange.join(', ')}`);
  const all = Object.fromEntries(
    Object.entries(action.inputs).map(([name, input]) => [name, inputs[name] ?? input.default ?? '']),
  );
  const inner = { inputs: all };
  const steps = await runSteps(action.runs.steps, session, inner);
  const values = Object.entries(action.outputs).map(([name, { value }]) => [name, value] as const);
  return filled(Object.fromEntries(values), { ...runner.contexts, ...inner, steps });
}

async function runScript(step: Step, { runner, files, parts }: Session, contexts: Contexts): Promise<Texts> {
  const { workspace, under = [] } = runner;
  const file = (name: string): string => join(files, `${parts.ran.length}-${name}`);
  const script = file('script.sh');
  const told = { GITHUB_OUTPUT: file('output'), GITHUB_STEP_SUMMARY: file('summary'), GITHUB_ENV: file('env') };
  writeFileSync(script, interpolate(step.run!, contexts));
  for (const path of Object.values(told)) writeFileSync(path, '');
  parts.ran.push(step.name ?? step.run!);
  const cwd = join(workspace, interpolate(step['working-directory'] ?? '.', contexts));
  mkdirSync(cwd, { recursive: true });
  // The two ways in which GitHub starts bash: where it was asked for, and where it was not.
  const shell =
    step.shell === undefined ? ['bash', '-e', script] : ['bash', '--noprofile', '--norc', '-eo', 'pipefail', script];
  const [program, ...argv] = [...under, ...shell];
  const env = { ...runner.env, GITHUB_WORKSPACE: workspace, ...told, ...filled(step.env ?? {}, contexts) };
  const child = spawn(program!, argv, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => void (printed += text));
  const [status] = (await once(child, 'close')) as [number | null];
  parts.log += printed;
  if (status !== 0) throw new Error(`${step.name ?? step.run} exited with ${status}:\n${printed}`);
  parts.summary += readFileSync(told.GITHUB_STEP_SUMMARY, 'utf8');
  const lines = readFileSync(told.GITHUB_OUTPUT, 'utf8').split('\n').filter(Boolean);
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

const filled = (texts: Texts, contexts: Contexts): Texts =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, interpolate(text, contexts)]));
