import { expect, test } from 'vitest';

import { readProject } from '../../tasks/tools/python/pyproject.ts';

test('readProject() reads what a pack says of itself', () => {
  const text = `
[build-system]
requires = ["setuptools"]
[project]
name = "comfyui-demo" # its id
version = "1.2.3"
dependencies = ["numpy>=1.26", 'pillow']
[project.urls]
Homepage = "https://host/"
Repository = "https://host/demo"
[tool.comfy]
PublisherId = "somebody"
`;
  expect(readProject(text)).toEqual({
    name: 'comfyui-demo',
    version: '1.2.3',
    repository: 'https://host/demo',
    dependencies: ['numpy>=1.26', 'pillow'],
  });
});

test.for([
  ['[project]\nname = "a"', { name: 'a', dependencies: [] }],
  ['[project]\nname = "a"\nversion = 1\ndependencies = "no list"\nurls = 2', { name: 'a', dependencies: [] }],
  ['[project]\nname = "a"\n[project.urls]\nrepository = ["no text"]', { name: 'a', dependencies: [] }],
  ['', undefined],
  ['[project]\nname = ""', undefined],
  ['[tool.poetry]\nname = "a"', undefined],
  ['[project\nname = "broken"', undefined],
] as const)('%j says %j', ([text, project]) => {
  expect(readProject(text)).toEqual(project);
});
