/** What a script adds to the page, where one may run: a filter and an order for the steps, a size and a grip for the graph. */
export const script = `
'use strict';
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  for (const table of all('table[data-tool="steps"]')) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const tools = document.querySelector('[data-tool="filter"]');
    const [search] = all('input[type="search"]', tools);
    const boxes = all('input[type="checkbox"]', tools);
    const told = tools.querySelector('output');
    const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const filter = () => {
      const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
      const ways = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
      let shown = 0;
      for (const row of rows) {
        row.hidden = !ways.has(row.className) || !words.every((word) => texts.get(row).includes(word));
        if (!row.hidden) shown++;
      }
      told.textContent = shown + ' of ' + rows.length + ' steps';
    };
    search.addEventListener('input', filter);
    for (const box of boxes) box.addEventListener('change', filter);
    tools.hidden = false;
    filter();
    // A link to a step that the filter hides shows it.
    addEventListener('hashchange', () => {
      const row = document.getElementById(location.hash.slice(1));
      if (row && row.hidden) {
        search.value = '';
        for (const box of boxes) box.checked = true;
        filter();
        row.scrollIntoView();
      }
    });

    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      head.append(button);
      const value = (row) => {
        const cell = row.cells[column];
        return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
      };
      button.addEventListener('click', () => {
        const order = head.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending';
        for (const other of heads) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', order);
        const sign = order === 'ascending' ? 1 : -1;
        const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
        body.append(...[...rows].sort((a, b) => sign * compare(value(a), value(b))));
      });
    });
  }

  const graph = document.querySelector('svg[data-tool="graph"]');
  if (graph) {
    const canvas = graph.parentElement;
    const tools = document.querySelector('[data-tool="zoom"]');
    const [wide, tall] = [graph.width.baseVal.value, graph.height.baseVal.value];
    let size = 1;
    const zoom = (to) => {
      size = Math.min(4, Math.max(0.2, to));
      graph.setAttribute('width', String(wide * size));
      graph.setAttribute('height', String(tall * size));
    };
    const steps = {
      in: () => zoom(size * 1.25),
      out: () => zoom(size / 1.25),
      fit: () => zoom(Math.min(1, (canvas.clientWidth - 18) / wide)),
    };
    for (const button of all('button', tools)) button.addEventListener('click', steps[button.dataset.zoom]);
    canvas.addEventListener('keydown', (event) => {
      const step = { '+': 'in', '=': 'in', '-': 'out', 0: 'fit' }[event.key];
      if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      steps[step]();
    });
    let grip;
    canvas.addEventListener('pointerdown', (event) => {
      if (event.pointerType !== 'mouse' || event.button !== 0 || event.target.closest('a')) return;
      grip = { x: event.clientX + canvas.scrollLeft, y: event.clientY + canvas.scrollTop };
      canvas.classList.add('grabbed');
    });
    addEventListener('pointermove', (event) => {
      if (grip) canvas.scrollTo(grip.x - event.clientX, grip.y - event.clientY);
    });
    addEventListener('pointerup', () => {
      grip = undefined;
      canvas.classList.remove('grabbed');
    });
    tools.hidden = false;
    // Small enough to be seen whole, as long as it can be read.
    if (canvas.clientWidth > wide * 0.65) steps.fit();
  }
})();
`;
