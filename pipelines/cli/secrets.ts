/** Values of the environment that must not be seen in anything that is shown. */
export const secretsIn = (environment: Readonly<Record<string, string | undefined>>): readonly string[] =>
  Object.entries(environment)
    .filter((variable): variable is [string, string] => variable[1] !== undefined)
    .filter(([name, value]) => /TOKEN|SECRET|PASSWORD|API_?KEY|SIGNING_KEY/i.test(name) && value.length > 7)
    .map(([, value]) => value);
